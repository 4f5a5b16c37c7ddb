#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "async/task_group.hpp"
#include "operators/operator_service.hpp"
#include "ports/read_models.hpp"

namespace edda::operators {

using BatchId = Id<struct BatchTag>;

/// One action for many sagas: those that a filter of the saga list finds (live ones, unless it names states), newest first, or those of
/// a list of ids.
struct BatchOrder {
  Act act;
  std::variant<SagaFilter, std::vector<SagaId>> sagas;
  std::size_t limit = 1'000;  ///< acts on so many at most
  int rate = 50;              ///< so many a second at most
};

/// What a batch would act on.
struct BatchPreview {
  std::int64_t matching = 0;       ///< all that fit, also beyond the limit
  std::size_t selected = 0;        ///< of these it acts on so many
  std::vector<SagaRecord> first;   ///< at most `batch_preview_max`
};

enum class BatchState { running, completed, cancelled, failed };
std::string_view to_string(BatchState state);

struct BatchStatus {
  BatchId id;
  saga::OperatorAction action = saga::OperatorAction::retry;
  BatchState state = BatchState::running;
  UserId by;
  std::string reason;
  int rate = 0;
  std::int64_t matching = 0;
  std::int64_t selected = 0;
  std::int64_t processed = 0;
  std::int64_t done = 0;
  std::map<std::string, std::int64_t> refused;  ///< by reason: a saga::Rejection's name, "version_conflict" or "not_found"
  std::map<std::string, std::int64_t> failed;   ///< by the error's code; "outcome_unknown" may have been done
  struct Example {
    SagaId saga;
    std::string reason;
  };
  std::vector<Example> examples;  ///< the first that were refused or failed
  std::string error;              ///< failed: why the batch gave up
  Timestamp created_at;
  Timestamp updated_at;
};

inline constexpr std::size_t batch_sagas_max = 10'000;
inline constexpr std::size_t batch_ids_max = 1'000;
inline constexpr std::size_t batch_preview_max = 20;
inline constexpr std::size_t batch_examples_max = 20;
inline constexpr int batch_rate_max = 1'000;
inline constexpr std::size_t batches_running_max = 4;
inline constexpr std::size_t batches_remembered_max = 50;

/// Runs batches in the background, each action by the same way as a single one. A saga that changed after the batch selected it is left
/// alone ("version_conflict"): the batch acts on what was counted. Batches live in this process: when it stops they end, and what was done
/// stands in the sagas' streams and in the audit log. The last `batches_remembered_max` stay visible.
///
/// Thread-safety: on the one thread of the executor. Lifecycle: stop() before destruction.
class BatchService {
 public:
  BatchService(boost::asio::any_io_executor executor, OperatorService& operators, ReadModels& views,
               accounts::AccountService& accounts, Clock& clock, Random& random);
  ~BatchService();

  Task<Result<BatchPreview>> preview(BatchOrder order, Deadline deadline);

  struct Started {
    BatchStatus batch;
    bool replayed = false;  ///< the caller's key stands for this batch, which was started before
  };
  /// Errors: rejected "count_differs" when not exactly `expected_count` sagas match, "nothing_matches"; overloaded "too_many_batches";
  /// already_exists "idempotency_key_reused"; unavailable while stopping; those of the views.
  Task<Result<Started>> start(BatchOrder order, std::int64_t expected_count, accounts::Actor actor,
                              std::optional<orders::ClientKey> key, Deadline deadline);

  std::optional<BatchStatus> find(BatchId id) const;
  /// The newest first.
  std::vector<BatchStatus> list() const;

  /// No further saga is acted on; asking again changes nothing. Errors: not_found; rejected "batch_ended".
  Task<Result<BatchStatus>> cancel(BatchId id, accounts::Actor actor, Deadline deadline);

  /// Ends what runs and waits for it.
  Task<void> stop();

 private:
  struct Entry;
  struct Selection {
    std::int64_t matching = 0;
    std::vector<Target> targets;
    std::vector<SagaRecord> first;
  };
  Task<Result<Selection>> select(const BatchOrder& order, Deadline deadline);
  Task<Result<Selection>> select_matching(SagaFilter filter, std::size_t limit, Deadline deadline);
  Task<Result<Selection>> select_named(const std::vector<SagaId>& ids, std::size_t limit, Deadline deadline);
  std::shared_ptr<Entry> new_entry(BatchOrder order, Selection selection, accounts::Actor actor);
  Result<std::shared_ptr<Entry>> known(const std::optional<orders::ClientKey>& key) const;
  std::shared_ptr<Entry> entry_of(BatchId id) const;
  bool has_room() const;
  void forget_the_oldest();
  Task<void> run(std::shared_ptr<Entry> entry);
  Task<Result<Acted>> act_on(const Entry& entry, const Target& target);

  OperatorService& operators_;
  ReadModels& views_;
  accounts::AccountService& accounts_;
  Clock& clock_;
  Random& random_;
  TaskGroup group_;
  std::deque<std::shared_ptr<Entry>> entries_;
};

}  // namespace edda::operators
