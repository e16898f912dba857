// A server without a network, to record what threads do with memory that they pass on: requests
// come in on one thread, four answer them, and another one sends the answers. So blocks go back
// on threads that did not ask for them.
//
//     server [REQUESTS]
//
// What it prints does not depend on who was faster.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

constexpr int workers = 4;
constexpr int users = 60;
constexpr std::chrono::microseconds time_of_a_query{300};
constexpr std::size_t most_profiles = 24;  // in the cache, so that some users have to be made again

/// From some threads to others. A closed one gives what is left, and then nothing.
template <class T>
class Queue {
public:
    void put(T item) {
        {
            const std::lock_guard lock{mutex_};
            items_.push_back(std::move(item));
        }
        changed_.notify_one();
    }

    void close() {
        {
            const std::lock_guard lock{mutex_};
            closed_ = true;
        }
        changed_.notify_all();
    }

    std::optional<T> take() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return closed_ || !items_.empty(); });
        if (items_.empty()) {
            return std::nullopt;
        }
        std::optional<T> item{std::move(items_.front())};
        items_.pop_front();
        return item;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<T> items_;
    bool closed_ = false;
};

/// What is known of a user. It is the same each time that it is made.
struct Profile {
    explicit Profile(const std::string& user) {
        for (std::size_t i = 0; i < 4 + user.size() % 5; ++i) {
            settings[user + ".setting" + std::to_string(i)] = std::string(i * i, '=');
        }
    }

    std::map<std::string, std::string> settings;
};

/// The profiles that were asked for lately, shared by those who answer.
class Cache {
public:
    std::shared_ptr<const Profile> find(const std::string& user) {
        {
            const std::lock_guard lock{mutex_};
            if (const auto found = profiles_.find(user); found != profiles_.end()) {
                return found->second;
            }
        }
        auto made = std::make_shared<const Profile>(user);
        const std::lock_guard lock{mutex_};
        if (profiles_.emplace(user, made).second) {
            order_.push_back(user);
        }
        if (order_.size() > most_profiles) {
            profiles_.erase(order_.front());
            order_.pop_front();
        }
        return made;
    }

private:
    std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<const Profile>> profiles_;
    std::deque<std::string> order_;
};

std::string request(int number) {
    const int user = number % users;
    std::string text = "GET /page/" + std::to_string(number % 100 * 7 % 100) + "\n";
    text += "user: user" + std::to_string(user * user % users) + "\n";
    for (int i = 0; i < number % 6; ++i) {
        text += "header" + std::to_string(i) + ": ";
        text.append(static_cast<std::size_t>(10 + number % 40), 'x');
        text += "\n";
    }
    return text;
}

std::unordered_map<std::string, std::string> parse(const std::string& text) {
    std::unordered_map<std::string, std::string> fields;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        const std::string line = text.substr(at, end - at);
        const std::size_t colon = line.find(": ");
        if (colon == std::string::npos) {
            fields["page"] = line.substr(line.rfind('/') + 1);
        } else {
            fields[line.substr(0, colon)] = line.substr(colon + 2);
        }
        at = end + 1;
    }
    return fields;
}

std::string answer(const std::string& text, Cache& cache) {
    auto fields = parse(text);
    const std::shared_ptr<const Profile> profile = cache.find(fields["user"]);
    std::this_thread::sleep_for(time_of_a_query);  // and another one goes on
    std::vector<std::string> rows;
    for (int i = 0; i < 3 + std::atoi(fields["page"].c_str()) % 20; ++i) {
        rows.push_back("row " + std::to_string(i) + " of " + fields["page"]);
    }
    for (const auto& [name, value] : profile->settings) {
        rows.push_back(name + "=" + value);
    }
    std::string page;
    for (const std::string& row : rows) {
        page += row + "\n";
    }
    return page;
}

}  // namespace

int main(int count, char** arguments) {
    const int requests = count > 1 ? std::atoi(arguments[1]) : 100;
    Queue<std::string> incoming;
    Queue<std::string> outgoing;
    Cache cache;

    std::vector<std::thread> answering;
    for (int i = 0; i < workers; ++i) {
        answering.emplace_back([&] {
            while (const std::optional<std::string> text = incoming.take()) {
                outgoing.put(answer(*text, cache));
            }
        });
    }
    std::size_t sum = 0;
    int sent = 0;
    std::thread sending{[&] {
        while (const std::optional<std::string> page = outgoing.take()) {
            sum += std::hash<std::string>{}(*page);
            ++sent;
        }
    }};

    for (int number = 0; number < requests; ++number) {
        incoming.put(request(number));
    }
    incoming.close();
    for (std::thread& thread : answering) {
        thread.join();
    }
    outgoing.close();
    sending.join();
    std::cout << sent << " answers, " << sum << "\n";
}
