#include "child.h"

#include "windows_path.h"
#include "windows_system.h"

#include <cstdio>
#include <stdexcept>

namespace {

std::wstring own_path() {
    std::wstring path(32768, L'\0'); // no path is longer
    path.resize(GetModuleFileNameW(nullptr, &path[0], (DWORD) path.size()));
    return path;
}

// As narrow text: arguments are ASCII, and what a test needs beyond that it has in its own code.
std::wstring command_line(const std::vector<std::string> & arguments) {
    std::wstring line = L"\"" + own_path() + L"\"";
    for (const std::string & argument : arguments) {
        line += L" \"" + std::wstring(argument.begin(), argument.end()) + L"\"";
    }
    return line;
}

HANDLE spawn(const std::vector<std::string> & arguments, HANDLE output) {
    std::wstring line = command_line(arguments);
    STARTUPINFOW startup = {};
    startup.cb         = sizeof(startup);
    startup.dwFlags    = STARTF_USESTDHANDLES;
    startup.hStdInput  = GetStdHandle(STD_INPUT_HANDLE);
    startup.hStdOutput = output;
    startup.hStdError  = GetStdHandle(STD_ERROR_HANDLE);
    PROCESS_INFORMATION process = {};
    if (!CreateProcessW(nullptr, &line[0], nullptr, nullptr, TRUE, 0, nullptr, nullptr, &startup, &process)) {
        throw std::runtime_error("cannot start a child");
    }
    CloseHandle(process.hThread);
    return process.hProcess;
}

int wait_for(HANDLE process) {
    DWORD code = 0;
    WaitForSingleObject(process, INFINITE);
    GetExitCodeProcess(process, &code);
    CloseHandle(process);
    return (int) code;
}

std::string read_line(HANDLE from) {
    std::string line;
    char c;
    DWORD n;
    while (ReadFile(from, &c, 1, &n, nullptr) && n == 1 && c != '\n') {
        if (c != '\r') {
            line += c;
        }
    }
    return line;
}

} // namespace

int run_child(const std::vector<std::string> & arguments) {
    return wait_for(spawn(arguments, GetStdHandle(STD_OUTPUT_HANDLE)));
}

background_child::background_child(const std::vector<std::string> & arguments) {
    SECURITY_ATTRIBUTES inherited = { sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE };
    HANDLE from = nullptr;
    HANDLE to   = nullptr;
    if (!CreatePipe(&from, &to, &inherited, 0)) {
        throw std::runtime_error("cannot create a pipe");
    }
    SetHandleInformation(from, HANDLE_FLAG_INHERIT, 0);
    pid    = (intptr_t) spawn(arguments, to);
    output = (intptr_t) from;
    CloseHandle(to);
    first_line = read_line(from);
}

background_child::~background_child() {
    kill();
    CloseHandle((HANDLE) output);
}

void background_child::kill() {
    if (pid != -1) {
        TerminateProcess((HANDLE) pid, (UINT) killed);
        wait_for((HANDLE) pid);
        pid = -1;
    }
}

int kill_this_process() {
    TerminateProcess(GetCurrentProcess(), (UINT) killed);
    return 0;
}

void wait_to_be_killed() {
    for (;;) {
        Sleep(INFINITE);
    }
}
