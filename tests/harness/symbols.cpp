#include <harness/symbols.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cstdint>

extern "C" void __sanitizer_symbolize_pc(void* address, const char* format, char* text,
                                         std::size_t size) __attribute__((weak));

namespace harness {
namespace {

#ifdef __clang__
constexpr bool reads_by_itself = false;
#else
constexpr bool reads_by_itself = true;
#endif

/// Of a frame, "    #1 0x55d0c0 in ...", with the address removed from the text; 0 at its end.
std::uintptr_t next_address(std::string_view& report) {
    while (true) {
        const std::size_t frame = report.find("    #");
        if (frame == report.npos) {
            return 0;
        }
        report.remove_prefix(frame + 5);
        const std::size_t begin = report.find(" 0x");
        if (begin > 3) {
            continue;
        }
        std::uintptr_t address = 0;
        report.remove_prefix(begin + 3);
        std::from_chars(report.data(), report.data() + report.size(), address, 16);
        return address;
    }
}

}  // namespace

void learn_symbols(std::string_view report) {
    static int reports = 0;
    if (!reads_by_itself || __sanitizer_symbolize_pc == nullptr ||
        report.find("    #0 0x") == report.npos || ++reports != 2) {
        return;
    }
    while (const std::uintptr_t address = next_address(report)) {
        std::array<char, 256> text{};
        __sanitizer_symbolize_pc(std::bit_cast<void*>(address), "%f", text.data(), text.size());
    }
}

}  // namespace harness
