// Where the compiler puts things, and the same worked out with your functions.

#include <alignment.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace {

using namespace workshop;

void show_address(const char* what, const void* pointer, std::size_t alignment) {
    fmt::print("  {:<22} {:>14}   {:>9}   {:>6}   {}\n", what, pointer, alignment,
               largest_power_of_two_dividing(address_of(pointer)),
               is_aligned(pointer, alignment) ? "yes" : "NO");
}

void show_addresses() {
    const char letter = 'a';
    const double number = 1.0;
    const auto on_the_heap = std::make_unique<int>(1);
    alignas(64) const std::array<std::byte, 128> buffer{};

    fmt::print("  {:<22} {:>14}   {:>9}   {:>6}   {}\n", "what", "address", "asked for", "has",
               "is_aligned");
    show_address("char, a variable", &letter, alignof(char));
    show_address("double, a variable", &number, alignof(double));
    show_address("int, from new", on_the_heap.get(), alignof(int));
    show_address("buffer, alignas(64)", buffer.data(), 64);
    show_address("buffer + 24, for 8", &buffer[24], 8);
    show_address("buffer + 25, for 8", &buffer[25], 8);
    fmt::print("\n  padding_for(buffer + n, 8), n = 0 to 16: ");
    for (std::size_t n = 0; n <= 16; ++n) {
        fmt::print(" {}", padding_for(&buffer[n], 8));
    }
    fmt::print("\n");
}

/// A field of a struct: what your Layout knows of it, and where the compiler put it.
struct Field {
    const char* name;
    Layout layout;
    std::size_t compilers_offset;
};

// The five fields of the lesson's question, in two orders.
struct Ticket {
    char gate;
    int number;
    short row;
    double price;
    char seat;
};

struct SortedTicket {
    double price;
    int number;
    short row;
    char gate;
    char seat;
};

/// Eight bytes a line, the first letter of a field in each of its bytes, a dot for padding.
void draw(const std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
        fmt::print("    +{:<2} [{}]\n", at, bytes.substr(at, 8));
    }
    fmt::print("    {} bytes, {} of them padding\n\n", bytes.size(),
               std::count(bytes.begin(), bytes.end(), '.'));
}

/// Lays the fields out one behind the other with extend(), beside what the compiler did. False
/// where the two differ.
bool show_struct(const char* name, std::span<const Field> fields, std::size_t compilers_size) {
    fmt::print("  {:<14} {:>6} {:>14} {:>12}\n", name, "bytes", "offset: yours", "compiler's");
    std::string picture(compilers_size, '.');
    std::optional<Layout> whole = Layout::make(0, 1);
    for (const Field& field : fields) {
        const std::optional<Layout::Extended> longer = whole->extend(field.layout);
        if (!longer || longer->offset != field.compilers_offset) {
            fmt::print("  1.4 is not done yet: extend() puts `{}` {}, the compiler at +{}\n",
                       field.name, longer ? fmt::format("at +{}", longer->offset) : "nowhere",
                       field.compilers_offset);
            return false;
        }
        fmt::print("    {:<12} {:>6} {:>14} {:>12}\n", field.name, field.layout.size(),
                   longer->offset, field.compilers_offset);
        picture.replace(longer->offset, field.layout.size(), field.layout.size(), *field.name);
        whole = longer->layout;
    }
    const Layout padded = whole->padded();
    fmt::print("    {:<12} {:>6} {:>14} {:>12}\n\n", "(end)", "", padded.size(), compilers_size);
    if (padded.size() != compilers_size) {
        fmt::print("  1.4 is not done yet: padded() makes {} bytes of {}\n", padded.size(),
                   whole->size());
        return false;
    }
    draw(picture);
    return true;
}

void show_structs() {
    const Layout of_char = Layout::of<char>();
    const Layout of_short = Layout::of<short>();
    const Layout of_int = Layout::of<int>();
    const Layout of_double = Layout::of<double>();
    const std::array<Field, 5> ticket{{{"gate", of_char, offsetof(Ticket, gate)},
                                       {"number", of_int, offsetof(Ticket, number)},
                                       {"row", of_short, offsetof(Ticket, row)},
                                       {"price", of_double, offsetof(Ticket, price)},
                                       {"seat", of_char, offsetof(Ticket, seat)}}};
    const std::array<Field, 5> sorted{{{"price", of_double, offsetof(SortedTicket, price)},
                                       {"number", of_int, offsetof(SortedTicket, number)},
                                       {"row", of_short, offsetof(SortedTicket, row)},
                                       {"gate", of_char, offsetof(SortedTicket, gate)},
                                       {"seat", of_char, offsetof(SortedTicket, seat)}}};

    if (show_struct("Ticket", ticket, sizeof(Ticket)) &&
        show_struct("SortedTicket", sorted, sizeof(SortedTicket))) {
        fmt::print("  The order alone saves {} of {} bytes, in every element of an array.\n",
                   sizeof(Ticket) - sizeof(SortedTicket), sizeof(Ticket));
    }
}

/// What the first part needs of tasks 1.1 and 1.2; empty when it is there.
std::string missing_for_addresses() {
    alignas(8) const std::array<std::byte, 8> bytes{};
    if (largest_power_of_two_dividing(24) != 8) {
        return fmt::format("1.1 is not done yet: largest_power_of_two_dividing(24) returned {}",
                           largest_power_of_two_dividing(24));
    }
    if (padding_for(&bytes[1], 8) != 7) {
        return fmt::format("1.2 is not done yet: padding_for() returned {} where 7 was right",
                           padding_for(&bytes[1], 8));
    }
    if (!is_aligned(&bytes[0], 8)) {
        return "1.2 is not done yet: is_aligned() is false for an aligned pointer";
    }
    return {};
}

/// What the second part needs of task 1.3; empty when it is there.
std::string missing_for_structs() {
    if (!Layout::make(0, 1)) {
        return "1.3 is not done yet: Layout::make(0, 1) returned nullopt";
    }
    if (const Layout layout = Layout::of<int>();
        layout.size() != sizeof(int) || layout.alignment() != alignof(int)) {
        return fmt::format("1.3 is not done yet: Layout::of<int>() is {} bytes at a multiple of {}",
                           layout.size(), layout.alignment());
    }
    return {};
}

void part(const char* title, const std::string& missing, void (*show)()) {
    fmt::print("{}\n\n", title);
    if (missing.empty()) {
        show();
    } else {
        fmt::print("  {}\n", missing);
    }
}

}  // namespace

int main() {
    part("1. Addresses (the next run shows others)", missing_for_addresses(), show_addresses);
    part("\n2. Two structs of the same five fields", missing_for_structs(), show_structs);
}
