# The Debian packages `firstguess` and `firstguess-worker`, one for each install component:
#   cpack --config build/release/CPackConfig.cmake -B build/packages
# What is packed was built before.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME firstguess)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "firstguess maintainers <root@localhost>")
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL coordinator)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
# Half a gigabyte of LibTorch takes seconds with it, minutes with xz.
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(scripts ${CMAKE_CURRENT_SOURCE_DIR}/debian)
set(CPACK_DEBIAN_COORDINATOR_PACKAGE_NAME firstguess)
set(CPACK_COMPONENT_COORDINATOR_DESCRIPTION "Sweeps over early training: coordinator and command line
Gives the trials of a hyperparameter grid to workers on many machines, and keeps
their trajectories in one SQLite file. Needs no LibTorch; firstguess-worker trains.")
set(CPACK_DEBIAN_COORDINATOR_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COORDINATOR_PACKAGE_DEPENDS "systemd-standalone-sysusers | systemd")
set(CPACK_DEBIAN_COORDINATOR_PACKAGE_RECOMMENDS "sqlite3")
set(CPACK_DEBIAN_COORDINATOR_PACKAGE_SUGGESTS "firstguess-worker, librsvg2-bin")
set(CPACK_DEBIAN_COORDINATOR_PACKAGE_CONTROL_EXTRA
  ${scripts}/coordinator/conffiles ${scripts}/coordinator/postinst ${scripts}/coordinator/prerm
  ${scripts}/coordinator/postrm)

if(FIRSTGUESS_WITH_TORCH)
  list(APPEND CPACK_COMPONENTS_ALL worker)
  set(CPACK_DEBIAN_WORKER_PACKAGE_NAME firstguess-worker)
  set(CPACK_COMPONENT_WORKER_DESCRIPTION "Sweeps over early training: worker
Trains what a coordinator of firstguess gives it. With LibTorch's libraries for
processors; those for NVIDIA GPUs are added from PyPI.")
  set(CPACK_DEBIAN_WORKER_PACKAGE_SHLIBDEPS ON)
  # LibTorch's libraries are in no package.
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${wheel}/torch/lib ${wheel}/nvidia/cu13/lib)
  set(CPACK_DEBIAN_WORKER_PACKAGE_DEPENDS "systemd-standalone-sysusers | systemd")
  set(CPACK_DEBIAN_WORKER_PACKAGE_RECOMMENDS "dataset-fashion-mnist")
  set(CPACK_DEBIAN_WORKER_PACKAGE_CONTROL_EXTRA
    ${scripts}/worker/conffiles ${scripts}/worker/postinst ${scripts}/worker/prerm ${scripts}/worker/postrm)
endif()

include(CPack)
