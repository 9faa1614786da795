#include "thread-priority.h"

#if defined(_WIN32)

#include <windows.h>

void yield_to_others() noexcept {
    SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_BELOW_NORMAL);
}

#elif defined(__APPLE__)

#include <pthread.h>
#include <sys/qos.h>

void yield_to_others() noexcept {
    pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0);
}

#else

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Linux has a nice value for each thread. This one leaves a tenth of a processor that somebody else wants, too.
static constexpr int nice_value = 10;

void yield_to_others() noexcept {
    setpriority(PRIO_PROCESS, (id_t) syscall(SYS_gettid), nice_value);
}

#endif
