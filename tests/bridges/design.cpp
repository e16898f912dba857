// What is asked of the design that the course teaches.

#include <bridges/free_list.hpp>

namespace bridge {

const Design& design() {
    static constexpr Design courses{.is_the_courses = true, .least_capacity = [](std::size_t size) {
                                        const std::size_t lost = size / 16 + 64;
                                        return size < lost ? std::size_t{0} : size - lost;
                                    }};
    return courses;
}

}  // namespace bridge
