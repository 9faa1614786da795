# Cross-compiles for Linux on 32-bit ARM: cmake -DCMAKE_TOOLCHAIN_FILE=native/cmake/linux-armhf.cmake ...
#
# The baseline is Armv7-A with VFPv3-D16, the compiler's default. Debian: package g++-arm-linux-gnueabihf.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-linux-gnueabihf-gcc)
set(CMAKE_CXX_COMPILER arm-linux-gnueabihf-g++)

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
