# cmake -D FOLDER=... -D OUTPUT=... -D NAMESPACE=sqlite -P EmbedMigrations.cmake
# Writes OUTPUT: every FOLDER/NNNN_name.sql as an entry of edda::NAMESPACE::embedded_migrations(), ascending.
file(GLOB files ${FOLDER}/*.sql)
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(stem ${file} NAME_WE)
  if(NOT stem MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
    message(FATAL_ERROR "A migration is named NNNN_name.sql: ${file}")
  endif()
  set(name ${CMAKE_MATCH_2})
  string(REGEX REPLACE "^0+" "" number ${CMAKE_MATCH_1})  # and forgets what was matched before
  file(READ ${file} sql)
  string(APPEND entries "      {${number}, \"${name}\", R\"sql(${sql})sql\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"${NAMESPACE}/migrations.hpp\"\n\nnamespace edda::${NAMESPACE} {\n
const std::vector<Migration>& embedded_migrations() {\n  static const std::vector<Migration> all = {\n${entries}  };
  return all;\n}\n\n}  // namespace edda::${NAMESPACE}\n")
