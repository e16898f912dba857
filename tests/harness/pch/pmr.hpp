// Precompiled for the judges that need it: <memory_resource> costs more than all else together.

#include "judge.hpp"

#include <memory_resource>
