//! Scratch: counts, witnesses and omission with the naive explorer.
use concur_checks::engine::naive::explore;
use concur_models::kit::{Outcome, Rung, Tier, Values};
use concur_rules::{Faithful, Rule, Without};

/// Prints each configuration's counts; then, per rule, the first configuration whose exploration without the rule fails or misses a witness.
fn run<R: Rung>(up_to: Tier) {
    let configs: Vec<_> = R::CONFIGS.iter().filter(|c| c.tier <= up_to).collect();
    let mut faithful = Vec::new();
    for c in &configs {
        let m = R::model(&Values::new(R::PARAMS, c.settings), Faithful).unwrap();
        let start = std::time::Instant::now();
        let n = explore(&m);
        println!("{}/{}/{}: {:?} {n:?} expected {:?}", R::PROTOCOL, R::NAME, c.name, start.elapsed(), c.expect);
        faithful.push(n);
    }
    for &rule in R::RULES {
        let mut caught = None;
        for (c, n) in configs.iter().zip(&faithful) {
            if c.expect.outcome != Outcome::Holds { continue }
            let m = R::model(&Values::new(R::PARAMS, c.settings), Without(rule)).unwrap();
            let w = explore(&m);
            let missed: Vec<_> = n.witnessed.difference(&w.witnessed).collect();
            if !w.fails.is_empty() || !missed.is_empty() {
                caught = Some((c.name, w.fails.clone(), format!("{missed:?}")));
                break;
            }
        }
        let redundant = R::REDUNDANT.iter().any(|r| r.rule == rule);
        println!("  without {:?}: {}", rule.card().name, match caught { Some(c) => format!("caught {c:?}"), None if redundant => "declared redundant".into(), None => "NOT CAUGHT".into() });
    }
}
#[test] fn two_phase() { run::<concur_models::two_phase::configs::TCommitRung>(Tier::Small); run::<concur_models::two_phase::configs::TwoPhaseRung>(Tier::Small); }
use concur_models::paxos::configs as px;
#[test] fn paxos() { run::<px::ConsensusRung>(Tier::Small); run::<px::VotingRung>(Tier::Small); run::<px::PaxosRung>(Tier::Small); orbits::<px::ConsensusRung>(); orbits::<px::VotingRung>(); orbits::<px::PaxosRung>(); }
fn orbits<R: Rung>() {
    use concur_models::kit::Spec; use stateright::Model; use std::collections::BTreeSet;
    for c in R::CONFIGS.iter().filter(|c| c.tier <= Tier::Small) {
        let m = R::model(&Values::new(R::PARAMS, c.settings), Faithful).unwrap();
        let mut all: BTreeSet<_> = m.init_states().into_iter().collect();
        let mut todo: Vec<_> = all.iter().cloned().collect();
        let start = std::time::Instant::now();
        while let Some(s) = todo.pop() { for t in m.next_states(&s) { let t = m.canonical(&t); if all.insert(t.clone()) { todo.push(t) } } }
        println!("orbits {}/{}: {:?} {} expected {:?} state bytes {}", R::NAME, c.name, start.elapsed(), all.len(), c.expect.orbits, size_of_val(all.first().unwrap()));
    }
}
use concur_models::paxos_commit::configs::PaxosCommitRung;
#[test] fn commit_paxos() { run::<PaxosCommitRung>(Tier::Small); orbits::<PaxosCommitRung>(); }
fn walk<M: concur_models::kit::Spec + concur_models::kit::Refines>(m: &M, seed: u64) {
    let mut x = seed; let mut s = m.init_states().remove(0);
    let props = m.properties(); let a = m.abstract_model(); use stateright::Model; let _ = a.init_states();
    for i in 0..150 {
        let next = m.next_steps(&s); if next.is_empty() { break }
        x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        s = next[(x >> 33) as usize % next.len()].1.clone();
        for p in &props { (p.condition)(m, &s); }
        m.abstract_state(&s);
        if i == 100 { let c = m.canonical(&s); assert_eq!(m.canonical(&c), c); let _ = format!("{s:?}"); }
    }
}
#[test] fn extremes() {
    use concur_models::kit::QuorumKind;
    fn all<R: Rung>(settings: &[(&'static str, u32)]) {
        let v = Values::new(R::PARAMS, settings);
        for seed in 0..20 { walk(&R::model(&v, Faithful).unwrap(), seed); }
        for &r in R::RULES { let m = R::model(&v, Without(r)).unwrap(); for seed in 0..5 { walk(&m, seed); } }
    }
    for q in 0..QuorumKind::NAMES.len() as u32 { for a in [2, 5] {
        let s = [("acceptors", a), ("values", 3), ("max_ballot", 3), ("quorums", q)];
        all::<px::PaxosRung>(&s); all::<px::VotingRung>(&s);
    } }
    all::<PaxosCommitRung>(&[("rms", 4), ("acceptors", 5), ("max_ballot", 2)]);
    println!("{:?}", px::PaxosRung::model(&Values::new(px::PaxosRung::PARAMS, &[("acceptors", 1), ("quorums", 2)]), Faithful).err());
}
#[test] fn single_trace() {
    use stateright::Model; use std::collections::BTreeSet;
    let m = px::PaxosRung::model(&Values::new(px::PaxosRung::PARAMS, &[("quorums", 3)]), Faithful).unwrap();
    let p = m.properties().into_iter().find(|p| p.name == "Agreement").unwrap();
    let mut seen = BTreeSet::new(); let mut level = m.init_states(); let mut n = 0;
    loop { n += 1; if level.iter().any(|s| !(p.condition)(&m, s)) { println!("single trace {n}"); break }
        level = level.iter().flat_map(|s| m.next_states(s)).filter(|t| seen.insert(*t)).collect(); }
}
#[test] fn ci_sizes() {
    for c in px::PaxosRung::CONFIGS.iter().filter(|c| c.tier == Tier::Ci) {
        let n = explore(&px::PaxosRung::model(&Values::new(px::PaxosRung::PARAMS, c.settings), Faithful).unwrap());
        println!("ci {} {} {} {:?} {:?}", c.name, n.distinct, n.depth, n.fails, c.expect);
    }
}
