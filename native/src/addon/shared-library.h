// Access to shared libraries that are already loaded in this process.
#pragma once

#include <string>

// A library that stays loaded for the rest of the process: there is no close.
class shared_library {
public:
    // `path` is UTF-8. Throws native_error (ERR_WARMFORK_LIBRARY).
    explicit shared_library(const std::string & path);

    // nullptr if the library does not export it.
    void * symbol(const char * name) const;

private:
    void * handle;
};

// Keeps this addon loaded when the environment that loaded it goes (a worker thread): llama.cpp holds its log callback.
void pin_this_library();
