// Asks malloc for what record_test.py expects to find in the trace. The sizes are odd ones, so that
// they can be told from what the C library asks for by itself.

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <new>
#include <thread>

namespace {

template <class T>
T opaque(T value) {
    asm volatile("" : "+r"(value) : : "memory");
    return value;
}

}  // namespace

int main() {
    void* block = opaque(std::malloc(70'001));
    block = opaque(std::realloc(block, 170'001));
    void* const zeroed = opaque(std::calloc(3, 30'001));
    void* aligned = nullptr;
    if (posix_memalign(&aligned, 256, 80'001) != 0) {
        return 1;
    }
    std::free(zeroed);
    block = reallocarray(block, 2, 20'001);
    const pid_t child = fork();
    if (child == 0) {
        std::free(std::malloc(opaque(std::size_t{55'555})));
        _exit(0);
    }
    waitpid(child, nullptr, 0);
    std::thread{[&] {
        std::free(block);
        std::free(opaque(std::malloc(90'001)));
    }}.join();
    if (std::realloc(aligned, opaque(SIZE_MAX / 2)) != nullptr) {
        return 1;
    }
    aligned = std::realloc(opaque(aligned), 80'003);
    std::free(memalign(opaque(std::size_t{64}), 60'001));
    ::operator delete(opaque(::operator new(50'001)));
    _exit(aligned == nullptr ? 1 : 0);  // without the way out that flushes
}
