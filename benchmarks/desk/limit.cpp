// The desk written by hand for speed: what a specialised program reaches when all numbers are given.
//
// Two timed events a contact: arrival and service end. New cases are an array walked by a pointer,
// so are shift changes; running services are a heap of at most as many entries as agents; returns
// are a small heap. Waiting contacts hang in one first-in-first-out list a team and priority, linked
// by row. Idle agents hang in one list a skill group, longest idle first. Patience is a deadline,
// looked at when a contact would be taken.
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

constexpr double NEVER = std::numeric_limits<double>::infinity();
constexpr int PRIORITIES = 3;
enum Outcome : int32_t { ANSWERED = 0, ABANDONED = 1, OPEN = 2 };

struct Timed {
    double time;
    int32_t id;
    bool operator<(const Timed& other) const {
        return time < other.time || (time == other.time && id < other.id);
    }
};

// A binary heap, earliest first.
class Heap {
public:
    explicit Heap(size_t room) { entries_.reserve(room); }
    double time() const { return entries_.empty() ? NEVER : entries_[0].time; }
    void push(Timed entry) {
        size_t at = entries_.size();
        entries_.push_back(entry);
        while (at > 0) {
            size_t parent = (at - 1) / 2;
            if (!(entry < entries_[parent])) break;
            entries_[at] = entries_[parent];
            at = parent;
        }
        entries_[at] = entry;
    }
    int32_t pop() {
        int32_t id = entries_[0].id;
        Timed last = entries_.back();
        entries_.pop_back();
        size_t size = entries_.size(), at = 0;
        while (size > 0) {
            size_t child = 2 * at + 1;
            if (child >= size) break;
            if (child + 1 < size && entries_[child + 1] < entries_[child]) ++child;
            if (!(entries_[child] < last)) break;
            entries_[at] = entries_[child];
            at = child;
        }
        if (size > 0) entries_[at] = last;
        return id;
    }

private:
    std::vector<Timed> entries_;
};

}  // namespace

extern "C" {

struct Input {
    int64_t cases, shift_changes, agents, teams, groups, tiers, max_contacts;
    double stop;
    // a case
    const double* opened;
    const int32_t *category, *tier, *priority;
    // a case and contact
    const double *handling, *patience, *back, *delay;
    // the desk
    const int32_t* category_team;
    const double *chance, *speed;
    const int32_t *agent_group, *served_by, *serves;  // -1 ends a row of served_by and serves
    const double* change_time;
    const int32_t *change_agent, *change_sign;
};

struct Row {
    int32_t id, contact;
    double opened, start, end;
    int32_t agent, outcome;
};

// Simulates one replication into `rows`, which has room for all contacts; returns their number.
int64_t desk_run(const Input* in, Row* rows) {
    const int64_t agents = in->agents, groups = in->groups, teams = in->teams;
    const int64_t contacts = in->max_contacts;
    int64_t count = 0;

    std::vector<int32_t> next_row(static_cast<size_t>(in->cases * contacts), -1);
    std::vector<int32_t> head(teams * PRIORITIES, -1), tail(teams * PRIORITIES, -1);
    std::vector<int32_t> first_idle(groups, -1), last_idle(groups, -1);
    std::vector<int32_t> next_idle(agents, -1), previous_idle(agents, -1);
    std::vector<double> idle_since(agents, 0.0);
    std::vector<char> on_shift(agents, 0), busy(agents, 0);
    std::vector<int32_t> serving(agents, -1);
    Heap ends(agents + 1), returns(1024);
    int64_t next_case = 0, next_change = 0;

    auto deadline = [&](int32_t row) {
        return rows[row].opened + in->patience[rows[row].id * contacts + rows[row].contact];
    };
    // The first of a list still waiting at `now`; those whose patience ended leave.
    auto waiting = [&](int64_t list, double now) {
        int32_t row = head[list];
        while (row >= 0) {
            double leaves = deadline(row);
            if (leaves >= now) break;
            rows[row].start = leaves;
            rows[row].outcome = ABANDONED;
            row = next_row[row];
        }
        head[list] = row;
        if (row < 0) tail[list] = -1;
        return row;
    };
    auto begin = [&](int32_t agent, int32_t row, double now) {
        rows[row].start = now;
        rows[row].agent = agent;
        busy[agent] = 1;
        serving[agent] = row;
        double time = in->handling[rows[row].id * contacts + rows[row].contact];
        ends.push({now + time / in->speed[agent], agent});
    };
    auto make_idle = [&](int32_t agent, double now) {
        int32_t group = in->agent_group[agent], last = last_idle[group];
        idle_since[agent] = now;
        next_idle[agent] = -1;
        previous_idle[agent] = last;
        (last >= 0 ? next_idle[last] : first_idle[group]) = agent;
        last_idle[group] = agent;
    };
    auto leave_idle = [&](int32_t agent) {
        int32_t group = in->agent_group[agent];
        int32_t before = previous_idle[agent], after = next_idle[agent];
        (before >= 0 ? next_idle[before] : first_idle[group]) = after;
        (after >= 0 ? previous_idle[after] : last_idle[group]) = before;
    };
    // A free agent takes the first of the served queues: priority then age over all of them.
    auto take_next = [&](int32_t agent, double now) {
        const int32_t* served = in->serves + in->agent_group[agent] * (teams + 1);
        int64_t best = -1;
        int32_t row = -1;
        for (int p = 0; p < PRIORITIES && row < 0; ++p)
            for (const int32_t* team = served; *team >= 0; ++team) {
                int32_t other = waiting(*team * PRIORITIES + p, now);
                if (other >= 0 && (row < 0 || other < row)) {
                    row = other;
                    best = *team * PRIORITIES + p;
                }
            }
        if (row < 0) {
            make_idle(agent, now);
            return;
        }
        head[best] = next_row[row];
        if (head[best] < 0) tail[best] = -1;
        begin(agent, row, now);
    };
    auto arrive = [&](int32_t id, int32_t contact, double now) {
        int32_t row = static_cast<int32_t>(count++);
        rows[row] = {id, contact, now, NAN, NAN, -1, OPEN};
        int32_t team = in->category_team[in->category[id]], longest = -1;
        for (const int32_t* g = in->served_by + team * (groups + 1); *g >= 0; ++g) {
            int32_t agent = first_idle[*g];
            if (agent >= 0 && (longest < 0 || idle_since[agent] < idle_since[longest] ||
                               (idle_since[agent] == idle_since[longest] && agent < longest)))
                longest = agent;
        }
        if (longest >= 0) {
            leave_idle(longest);
            begin(longest, row, now);
            return;
        }
        int64_t list = team * PRIORITIES + in->priority[id];
        (tail[list] >= 0 ? next_row[tail[list]] : head[list]) = row;
        tail[list] = row;
    };
    auto finish = [&](int32_t agent, double now) {
        int32_t row = serving[agent], id = rows[row].id, contact = rows[row].contact;
        rows[row].end = now;
        rows[row].outcome = ANSWERED;
        int64_t slot = id * contacts + contact;
        double chance = in->chance[(in->category[id] * in->tiers + in->tier[id]) * agents + agent];
        if (contact + 1 < contacts && in->back[slot] < chance)
            returns.push({now + in->delay[slot], id * static_cast<int32_t>(contacts) + contact + 1});
        busy[agent] = 0;
        if (on_shift[agent]) take_next(agent, now);
    };

    for (;;) {
        double end = ends.time(), back = returns.time();
        double fresh = next_case < in->cases ? in->opened[next_case] : NEVER;
        double change = next_change < in->shift_changes ? in->change_time[next_change] : NEVER;
        double now = std::fmin(std::fmin(end, back), std::fmin(fresh, change));
        if (now >= in->stop) break;
        if (now == end) {
            finish(ends.pop(), now);
        } else if (now == change) {
            int32_t agent = in->change_agent[next_change];
            bool comes = in->change_sign[next_change++] > 0;
            on_shift[agent] = comes;
            if (busy[agent]) continue;
            if (comes) take_next(agent, now);
            else leave_idle(agent);
        } else if (now == back) {
            int32_t slot = returns.pop();
            arrive(slot / contacts, slot % contacts, now);
        } else {
            arrive(static_cast<int32_t>(next_case++), 0, now);
        }
    }
    for (int64_t list = 0; list < teams * PRIORITIES; ++list)
        for (int32_t row = head[list]; row >= 0; row = next_row[row])
            if (deadline(row) < in->stop) {
                rows[row].start = deadline(row);
                rows[row].outcome = ABANDONED;
            }
    return count;
}
}
