find_package(Threads REQUIRED)
find_package(Boost 1.81.0 EXACT CONFIG REQUIRED COMPONENTS json url system container)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(libcrypt REQUIRED IMPORTED_TARGET libcrypt)

# Third-party headers are not ours to warn about.
add_library(edda_asio INTERFACE)
target_link_libraries(edda_asio INTERFACE Boost::headers Boost::system Threads::Threads)
target_compile_definitions(edda_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
