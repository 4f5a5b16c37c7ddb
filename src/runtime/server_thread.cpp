#include "server_thread.hpp"

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "commit.hpp"
#include "wiring/application.hpp"

namespace edda::runtime {
namespace {

/// Errors: invalid_argument (`where` names the column).
Result<accounts::ImportedUser> user_of(const cli::UserRow& row) {
  const auto id = parse_id<UserId>(row.id);
  const auto role = parse_role(row.role);
  const auto status = parse_user_status(row.status);
  // Databases write such times without an offset; the replaced system kept them in UTC.
  const bool bare = row.created_at.find_first_of("Z+", 10) == std::string::npos;
  const auto created_at = parse_rfc3339(bare ? row.created_at + "Z" : row.created_at);
  if (!id) return fail(Errc::invalid_argument, "no uuid", "id");
  if (!role) return fail(Errc::invalid_argument, "must be one of admin, customer, merchant, operator", "role");
  if (!status) return fail(Errc::invalid_argument, "must be one of active, inactive, suspended", "status");
  if (!created_at) return fail(Errc::invalid_argument, "no time; give it as 2026-11-22T19:00:00Z", "createdAt");
  return accounts::ImportedUser{*id,       row.email, row.password_hash,  row.first_name, row.last_name, *role,
                                *status,   row.email_verified, *created_at};
}

constexpr std::chrono::milliseconds between_looks{20};

/// The application is built, run and destroyed on `thread_`, as it demands.
class ServerThread final : public cli::RunningServer {
 public:
  ServerThread(const config::Loaded& loaded, bool serve, const std::function<bool()>& stop_wanted) {
    auto started = started_.get_future();
    thread_ = std::thread([this, loaded, serve] { live(loaded, serve); });
    while (stop_wanted && started.wait_for(between_looks) != std::future_status::ready) {
      if (stop_wanted()) give_up();
    }
    outcome_ = started.get();
  }
  ~ServerThread() override { (void)stop(); }

  const Result<wiring::Started>& outcome() const { return outcome_; }

  std::string url() const override { return outcome_->url; }
  config::Secret token() const override { return config::Secret(outcome_->admin_token); }
  cli::AdminNote admin() const override {
    return {outcome_->admin.created, outcome_->admin.email, config::Secret(outcome_->admin.generated_password)};
  }
  Result<void> import_user(const cli::UserRow& row) override {
    auto* application = application_.load();
    if (application == nullptr) return fail(Errc::unavailable, "the server has stopped");
    TRY(const auto user, user_of(row));
    return application->import_user(user);
  }

  Result<void> stop() override {
    if (!thread_.joinable()) return {};
    if (application_ != nullptr) application_.load()->request_stop();
    thread_.join();
    return {};
  }

 private:
  void live(const config::Loaded& loaded, bool serve) {
    wiring::Application application(loaded, wiring::RunOptions{.serve = serve, .commit = std::string(built_commit())});
    note_starting(&application);
    auto started = application.start();
    note_starting(nullptr);
    const bool runs = started.has_value();
    if (runs) application_ = &application;
    started_.set_value(std::move(started));
    if (runs) application.run();
    application_ = nullptr;
  }

  void note_starting(wiring::Application* application) {
    const std::lock_guard lock(mutex_);
    starting_ = application;
  }
  void give_up() {
    const std::lock_guard lock(mutex_);
    if (starting_ != nullptr) starting_->give_up_start();
  }

  std::mutex mutex_;
  wiring::Application* starting_ = nullptr;  // guarded by mutex_; set while it starts
  std::promise<Result<wiring::Started>> started_;
  Result<wiring::Started> outcome_ = fail(Errc::internal, "not started");
  std::atomic<wiring::Application*> application_{nullptr};
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<cli::RunningServer>> start_server(const config::Loaded& loaded, bool serve,
                                                         const std::function<bool()>& stop_wanted) {
  auto server = std::make_unique<ServerThread>(loaded, serve, stop_wanted);
  if (!server->outcome()) return std::unexpected(server->outcome().error());
  return server;
}

}  // namespace edda::runtime
