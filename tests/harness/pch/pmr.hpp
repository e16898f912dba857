// Precompiled for the judges that need it: <memory_resource> costs more than all else together.

#include <doctest/doctest.h>

#include <memory_resource>
