#include "shared-library.h"

#include "native-error.h"

#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

static std::wstring to_wide(const std::string & text) {
    const int n = MultiByteToWideChar(CP_UTF8, 0, text.data(), (int) text.size(), nullptr, 0);
    std::wstring wide((size_t) n, L'\0');
    MultiByteToWideChar(CP_UTF8, 0, text.data(), (int) text.size(), &wide[0], n);
    return wide;
}

shared_library::shared_library(const std::string & path) :
    handle(LoadLibraryExW(to_wide(path).c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH)) {
    if (handle == nullptr) {
        throw library_error("cannot open " + path + ": system error " + std::to_string(GetLastError()));
    }
}

void * shared_library::symbol(const char * name) const {
    return reinterpret_cast<void *>(GetProcAddress(static_cast<HMODULE>(handle), name));
}

void pin_this_library() {
    HMODULE module = nullptr;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                       reinterpret_cast<LPCWSTR>(&pin_this_library), &module);
}

#else

#include <dlfcn.h>

static std::string last_dl_error() {
    const char * text = dlerror();
    return text ? text : "unknown error";
}

shared_library::shared_library(const std::string & path) : handle(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle == nullptr) {
        throw library_error("cannot open " + path + ": " + last_dl_error());
    }
}

void * shared_library::symbol(const char * name) const {
    return dlsym(handle, name);
}

void pin_this_library() {
    Dl_info info = {};
    if (dladdr(reinterpret_cast<void *>(&pin_this_library), &info) != 0 && info.dli_fname != nullptr) {
        dlopen(info.dli_fname, RTLD_NOW | RTLD_NODELETE);
    }
}

#endif
