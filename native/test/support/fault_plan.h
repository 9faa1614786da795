// Makes one named step of the library fail, or do something, or end the process, the n-th time it is reached.

#pragma once

#include "child.h"
#include "fault.h"

#include <cerrno>
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

    static int kill_process() { return kill_this_process(); }

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

struct nth_fault_plan {
    int countdown = 0;
    std::function<int(const std::string & step)> at_call;
    std::vector<std::string> steps_hit;
};

inline nth_fault_plan current_nth_faults;

// While it lives, the n-th call (1 = first) of any step fails, or, if it is `forever`, all from then on.
class nth_fault_scope {
public:
    enum class how { once, forever };

    nth_fault_scope(int n, how kind, std::function<int(const std::string & step)> at_call) {
        current_nth_faults = { n, std::move(at_call), {} };
        lsm::fault = kind == how::once ? at_one : at_all;
    }
    nth_fault_scope(int n, how kind, int error) : nth_fault_scope(n, kind, [error](const std::string &) { return error; }) {}
    ~nth_fault_scope() { lsm::fault = nullptr; }

    nth_fault_scope(const nth_fault_scope &) = delete;
    nth_fault_scope & operator=(const nth_fault_scope &) = delete;

    // Steps that failed, in order; empty if there were less than n.
    const std::vector<std::string> & steps_hit() const { return current_nth_faults.steps_hit; }

private:
    static int at_one(const char * step) { return --current_nth_faults.countdown == 0 ? hit(step) : 0; }
    static int at_all(const char * step) { return --current_nth_faults.countdown <= 0 ? hit(step) : 0; }

    static int hit(const char * step) {
        current_nth_faults.steps_hit.push_back(step);
        return current_nth_faults.at_call(step);
    }
};
