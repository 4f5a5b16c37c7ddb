#include "base/uuid_v5.hpp"

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>

namespace edda {

Uuid uuid_v5(const Uuid& name_space, std::string_view name) {
  boost::uuids::uuid space;
  std::ranges::copy(name_space.bytes, space.begin());
  const boost::uuids::name_generator_sha1 generator(space);
  const boost::uuids::uuid made = generator(name.data(), name.size());
  Uuid id;
  std::ranges::copy(made, id.bytes.begin());
  return id;
}

}  // namespace edda
