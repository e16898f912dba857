// Judges the comments that argue why code at the edge of the language is right.

#pragma once

namespace harness {

/// Fails, or says "to do", unless the function `name` in the file `path` has a `// SAFETY:` comment
/// in or just above it, of at least one sentence of the learner's own. It reads the text; whether
/// the argument holds is for people to say.
void check_safety_comment(const char* path, const char* name);

}  // namespace harness
