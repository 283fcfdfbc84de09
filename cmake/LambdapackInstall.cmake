# What `cmake --install` copies. The CMake package goes to share/: lib/<triple> of one architecture is not searched when
# a user's project is built for another.
include(CMakePackageConfigHelpers)

install(TARGETS lambdapack RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(FILES README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY rules/ DESTINATION "${CMAKE_INSTALL_DATADIR}/lambdapack/rules")

set(lp_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/lambdapack")
configure_package_config_file(cmake/lambdapackConfig.cmake.in "${PROJECT_BINARY_DIR}/generated/lambdapackConfig.cmake"
                              INSTALL_DESTINATION "${lp_package_dir}" PATH_VARS CMAKE_INSTALL_BINDIR)
# ARCH_INDEPENDENT: the package is for the host, and a project for another architecture may use it.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/generated/lambdapackConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/generated/lambdapackConfig.cmake"
              "${PROJECT_BINARY_DIR}/generated/lambdapackConfigVersion.cmake" cmake/LambdapackPackage.cmake
        DESTINATION "${lp_package_dir}")
