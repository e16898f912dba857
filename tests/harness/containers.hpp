// Containers of std::pmr, compiled once: a judge that fills one needs not instantiate it at every
// save.

#pragma once

#include <cstddef>
#include <memory_resource>

namespace harness {

/// A std::pmr::vector<int>. What it throws, these throw.
class NumberVector {
public:
    explicit NumberVector(std::pmr::memory_resource& resource);
    NumberVector(const NumberVector&) = delete;
    NumberVector& operator=(const NumberVector&) = delete;
    ~NumberVector();

    void push_back(int number);
    void resize(std::size_t size);
    std::size_t size() const;
    int operator[](std::size_t index) const;
    const int* data() const;

private:
    struct Content;
    Content* content_;
};

/// A std::pmr::vector<std::pmr::string>.
class StringVector {
public:
    explicit StringVector(std::pmr::memory_resource& resource);
    StringVector(const StringVector&) = delete;
    StringVector& operator=(const StringVector&) = delete;
    ~StringVector();

    void push_back(const char* text);
    /// Where the characters of a string are.
    const char* characters(std::size_t index) const;

private:
    struct Content;
    Content* content_;
};

}  // namespace harness
