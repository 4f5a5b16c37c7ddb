#pragma once

#include "cli/session.hpp"

namespace edda::cli {

// One function a command; each returns the process's exit code.
int run(const Session& session, const ServeArguments& arguments);
int run(const Session& session, const DemoArguments& arguments);
int run(const Session& session, const OrderArguments& arguments);
int run(const Session& session, const ProductArguments& arguments);
int run(const Session& session, const SagaArguments& arguments);
int run(const Session& session, const SagaActionArguments& arguments);
int run(const Session& session, const ParkedArguments& arguments);
int run(const Session& session, const SagaCheckArguments& arguments);
int run(const Session& session, const BatchArguments& arguments);
int run(const Session& session, const EventArguments& arguments);
int run(const Session& session, const UserArguments& arguments);
int run(const Session& session, const StoreArguments& arguments);
int run(const Session& session, const MigrateArguments& arguments);
int run(const Session& session, const NodesArguments& arguments);
int run(const Session& session, const FeatureLevelArguments& arguments);
int run(const Session& session, const LogLevelArguments& arguments);
int run(const Session& session, const ConfigArguments& arguments);
int run(const Session& session, const DoctorArguments& arguments);
int run(const Session& session, const HealthArguments& arguments);
int run(const Session& session, const OpenapiArguments& arguments);
int run(const Session& session, const VersionArguments& arguments);

}  // namespace edda::cli
