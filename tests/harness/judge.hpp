// What a judge includes. It is compiled at every save, so it includes no heavy header: those stay
// in the harness's own objects.

#pragma once

#include <harness/assertions.hpp>
#include <harness/guarded_buffer.hpp>
#include <harness/shadow.hpp>
#include <harness/watched.hpp>
