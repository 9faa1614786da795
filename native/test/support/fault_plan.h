// Makes one named step of the library fail, or do something, or end the process, the n-th time it is reached.

#pragma once

#include "fault.h"

#include <cerrno>
#include <csignal>
#include <functional>
#include <string>
#include <vector>

struct fault_plan {
    std::string step;
    int countdown = 0; // calls of the step to let pass
    std::function<int()> at_step; // its result is the errno that the step reports, 0 = go on
    bool is_hit = false;
    std::vector<std::string> steps_seen;
};

inline fault_plan current_faults;

// While it lives, its plan is installed.
class fault_scope {
public:
    fault_scope(const std::string & step, int countdown, std::function<int()> action) {
        current_faults = { step, countdown, std::move(action), false, {} };
        lsm::fault = at_step;
    }
    fault_scope(const std::string & step, int countdown, int error) : fault_scope(step, countdown, [error] { return error; }) {}
    ~fault_scope() { lsm::fault = nullptr; }

    fault_scope(const fault_scope &) = delete;
    fault_scope & operator=(const fault_scope &) = delete;

    bool is_hit() const { return current_faults.is_hit; }
    const std::vector<std::string> & steps_seen() const { return current_faults.steps_seen; }

    static int kill_process() {
        raise(SIGKILL);
        return 0;
    }

private:
    static int at_step(const char * step) {
        fault_plan & plan = current_faults;
        plan.steps_seen.push_back(step);
        if (plan.step != step || plan.countdown-- != 0) {
            return 0;
        }
        plan.is_hit = true;
        return plan.at_step();
    }
};
