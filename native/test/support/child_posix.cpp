#include "child.h"

#include <climits>
#include <csignal>
#include <stdexcept>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__APPLE__)
#    include <mach-o/dyld.h>
#endif

extern char ** environ;

namespace {

std::string own_path() {
    char buffer[PATH_MAX] = {};
#if defined(__APPLE__)
    uint32_t capacity = sizeof(buffer);
    const bool found = _NSGetExecutablePath(buffer, &capacity) == 0;
#else
    const bool found = readlink("/proc/self/exe", buffer, sizeof(buffer) - 1) > 0;
#endif
    if (!found) {
        throw std::runtime_error("cannot find this program");
    }
    return buffer;
}

int spawn(const std::vector<std::string> & arguments, posix_spawn_file_actions_t * actions) {
    const std::string program = own_path();
    std::vector<char *> argv = { (char *) program.c_str() };
    for (const std::string & argument : arguments) {
        argv.push_back((char *) argument.c_str());
    }
    argv.push_back(nullptr);
    pid_t pid;
    if (posix_spawn(&pid, program.c_str(), actions, nullptr, argv.data(), environ) != 0) {
        throw std::runtime_error("cannot start a child");
    }
    return pid;
}

int wait_for(int pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string read_line(int fd) {
    std::string line;
    char c;
    while (read(fd, &c, 1) == 1 && c != '\n') {
        line += c;
    }
    return line;
}

} // namespace

int run_child(const std::vector<std::string> & arguments) {
    return wait_for(spawn(arguments, nullptr));
}

background_child::background_child(const std::vector<std::string> & arguments) {
    int ends[2];
    if (pipe(ends) != 0) {
        throw std::runtime_error("cannot create a pipe");
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    pid = spawn(arguments, &actions);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output = ends[0];
    first_line = read_line((int) output);
}

background_child::~background_child() {
    kill();
    close((int) output);
}

void background_child::kill() {
    if (pid != -1) {
        ::kill((pid_t) pid, SIGKILL);
        wait_for((int) pid);
        pid = -1;
    }
}

int kill_this_process() {
    raise(SIGKILL);
    return 0;
}

void wait_to_be_killed() {
    for (;;) {
        pause();
    }
}
