// What must be given back before the environment goes, in the right order.
#pragma once

#include <algorithm>
#include <mutex>
#include <vector>

class native_resource {
public:
    virtual ~native_resource() = default;

    // Any thread: ends what runs for this resource as soon as possible, for good.
    virtual void interrupt() noexcept {}

    // Gives the native memory back; a second call does nothing. Only when no thread uses the resource.
    virtual void release() noexcept = 0;
};

// Owned objects are created after their owners, so releasing in reverse order of creation is always right.
class resource_list {
public:
    void add(native_resource * resource) {
        const std::lock_guard<std::mutex> lock(mutex);
        resources.push_back(resource);
    }

    void remove(native_resource * resource) {
        const std::lock_guard<std::mutex> lock(mutex);
        resources.erase(std::remove(resources.begin(), resources.end(), resource), resources.end());
    }

    void interrupt_all() {
        const std::lock_guard<std::mutex> lock(mutex);
        for (native_resource * resource : resources) {
            resource->interrupt();
        }
    }

    void release_all() {
        const std::lock_guard<std::mutex> lock(mutex);
        for (auto it = resources.rbegin(); it != resources.rend(); ++it) {
            (*it)->release();
        }
    }

private:
    std::mutex                     mutex;
    std::vector<native_resource *> resources;
};
