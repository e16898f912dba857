// Precompiled for the bridges to what uses <atomic>.

#include "bridge.hpp"

#include <harness/explorer.hpp>
#include <harness/upstream.hpp>

#include <sys/mman.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>
