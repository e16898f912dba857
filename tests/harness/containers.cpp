#include <harness/containers.hpp>

#include <string>
#include <vector>

namespace harness {

struct NumberVector::Content {
    std::pmr::vector<int> numbers;
};

NumberVector::NumberVector(std::pmr::memory_resource& resource)
    : content_{new Content{std::pmr::vector<int>{&resource}}} {}
NumberVector::~NumberVector() {
    delete content_;
}
void NumberVector::push_back(int number) {
    content_->numbers.push_back(number);
}
void NumberVector::resize(std::size_t size) {
    content_->numbers.resize(size);
}
std::size_t NumberVector::size() const {
    return content_->numbers.size();
}
int NumberVector::operator[](std::size_t index) const {
    return content_->numbers[index];
}
const int* NumberVector::data() const {
    return content_->numbers.data();
}

struct StringVector::Content {
    std::pmr::vector<std::pmr::string> strings;
};

StringVector::StringVector(std::pmr::memory_resource& resource)
    : content_{new Content{std::pmr::vector<std::pmr::string>{&resource}}} {}
StringVector::~StringVector() {
    delete content_;
}
void StringVector::push_back(const char* text) {
    content_->strings.emplace_back(text);
}
const char* StringVector::characters(std::size_t index) const {
    return content_->strings[index].data();
}

}  // namespace harness
