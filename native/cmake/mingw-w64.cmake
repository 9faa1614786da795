# Cross-compiles for Windows on x86-64: cmake -DCMAKE_TOOLCHAIN_FILE=native/cmake/mingw-w64.cmake ...
#
# Programs and the addon contain the compiler's libraries, so that they need none of its DLLs; ctest runs tests with Wine.
# Debian: packages g++-mingw-w64-x86-64 and wine64.

set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)

# Where there are two builds of the compiler, only the one with POSIX threads has std::mutex.
find_program(WARMFORK_MINGW_CXX NAMES x86_64-w64-mingw32-g++-posix x86_64-w64-mingw32-g++ REQUIRED)
find_program(WARMFORK_MINGW_CC NAMES x86_64-w64-mingw32-gcc-posix x86_64-w64-mingw32-gcc REQUIRED)
set(CMAKE_CXX_COMPILER ${WARMFORK_MINGW_CXX})
set(CMAKE_C_COMPILER ${WARMFORK_MINGW_CC})
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_MODULE_LINKER_FLAGS_INIT -static)

find_program(WARMFORK_WINE NAMES wine64 wine HINTS /usr/lib/wine)
if(WARMFORK_WINE)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${WARMFORK_WINE})
endif()

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
