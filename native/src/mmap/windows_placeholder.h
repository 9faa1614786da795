// Reserved address ranges that views and memory can be put into (Windows 10 1803 and later, resolved at run time).

#pragma once

#include "windows_system.h"

#include <cstddef>

namespace lsm {

struct placeholder_calls {
    using virtual_alloc_2    = void * (WINAPI *)(HANDLE process, void * at, SIZE_T size, ULONG type, ULONG protection, void * parameters, ULONG n_parameters);
    using map_view_of_file_3 = void * (WINAPI *)(HANDLE section, HANDLE process, void * at, ULONG64 offset, SIZE_T size, ULONG type, ULONG protection,
                                                 void * parameters, ULONG n_parameters);
    virtual_alloc_2    alloc;
    map_view_of_file_3 map;
};

// Null where the system has none.
const placeholder_calls * placeholders();

// A range that is cut in two; each part is given back at the end unless it was taken. Sizes are whole pages.
class placeholder_range {
public:
    placeholder_range(const placeholder_calls & calls, size_t size);
    ~placeholder_range();

    placeholder_range(const placeholder_range &) = delete;
    placeholder_range & operator=(const placeholder_range &) = delete;

    bool split(size_t size_first);

    // Puts a private view of the section over the first part.
    bool place_view(HANDLE section);

    // Puts zeros over the second part.
    bool place_memory();

    void * take_view();
    void * take_memory();

private:
    const placeholder_calls & calls;
    char * first       = nullptr;
    char * second      = nullptr;
    size_t size_all    = 0;
    size_t size_first  = 0;
    bool   is_view     = false;
};

} // namespace lsm
