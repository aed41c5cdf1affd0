//! Two versions of a model: what differs, and how much of the difference of each answer every change accounts for.
//!
//! Versions are mixed: some changes made, the others not yet, all under the same luck, since noise and priors are addressed by name. What an answer
//! does when one more change is made, on average over orders in which they could be made, is that change's part.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use melian_engine::ensemble::Size;
use melian_language::check;
use melian_language::files::Files;
use melian_language::model::Model;
use melian_language::parts::{Part, assembled, parts};

use crate::estimate::Estimate;
use crate::sample::Sample;

/// A declaration, fact or file that is not the same in both versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Keyword of the declaration, `fact` or `file`.
    pub keyword: String,
    /// Its name.
    pub name: String,
    /// In the first version; none if it is new.
    pub before: Option<String>,
    /// In the second version; none if it is gone.
    pub after: Option<String>,
}

/// Keyword and name.
type Key = (String, String);

/// A part in both versions.
#[derive(Clone, Debug)]
struct Pair {
    before: Option<Part>,
    after: Option<Part>,
}

/// Two versions of a model.
#[derive(Clone, Debug)]
pub struct Versions {
    pairs: BTreeMap<Key, Pair>,
    /// For every part that is not the same: its group; none if only words differ.
    group_of: BTreeMap<Key, Option<usize>>,
    groups: usize,
}

/// What is never read by an answer; sentences and bets on answers are compared, not attributed to.
const WORDS: [&str; 5] = ["model", "claim", "check", "headline", "pathway"];

impl Versions {
    /// Compares two versions part by part.
    ///
    /// # Method
    /// What differs in more than titles, quotations and comments is a change. Changes that cannot be made one without the other are one group: what is new
    /// or gone, or has another head (kind, indices, unit), goes with the changes that mention it; and what leaves the model unsound when it is made first, or left
    /// out last, goes with what mends it.
    pub fn new(before: &dyn Files, after: &dyn Files) -> Versions {
        let mut pairs: BTreeMap<Key, Pair> = BTreeMap::new();
        let key = |part: &Part| (part.keyword.clone(), part.name.clone());
        let none = || Pair {
            before: None,
            after: None,
        };
        for part in parts(before) {
            let key = key(&part);
            pairs.entry(key).or_insert_with(none).before = Some(part);
        }
        for part in parts(after) {
            let key = key(&part);
            pairs.entry(key).or_insert_with(none).after = Some(part);
        }
        let mut group_of: BTreeMap<Key, Option<usize>> = BTreeMap::new();
        let mut groups = 0;
        for (key, pair) in &pairs {
            let plain = |part: &Option<Part>| part.as_ref().map(Part::plain);
            let meaning = |part: &Option<Part>| part.as_ref().map(Part::meaning);
            if plain(&pair.before) == plain(&pair.after) {
                continue;
            }
            let words_only = WORDS.contains(&key.0.as_str())
                || meaning(&pair.before) == meaning(&pair.after)
                || key.1 == "references.toml";
            group_of.insert(key.clone(), (!words_only).then_some(groups));
            groups += usize::from(!words_only);
        }
        let mut versions = Versions {
            pairs,
            group_of,
            groups,
        };
        versions.join_what_mentions_each_other();
        versions.join_what_is_unsound_alone();
        versions
    }

    /// Returns the number of groups of changes.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Returns the changes of a group; of none, those in words only.
    pub fn changes(&self, group: Option<usize>) -> Vec<Change> {
        let of_group = self.group_of.iter().filter(|(_, of)| **of == group);
        of_group
            .map(|(key, _)| {
                let pair = &self.pairs[key];
                let plain = |part: &Option<Part>| part.as_ref().map(Part::plain);
                Change {
                    keyword: key.0.clone(),
                    name: key.1.clone(),
                    before: plain(&pair.before),
                    after: plain(&pair.after),
                }
            })
            .collect()
    }

    /// Returns the files of the model with these groups of changes made.
    pub fn mixed(&self, made: &[bool]) -> BTreeMap<String, String> {
        let chosen = self.pairs.iter().filter_map(|(key, pair)| {
            let common = pair.before.is_some() && pair.after.is_some();
            match self.group_of.get(key) {
                Some(Some(group)) if made[*group] => pair.after.as_ref(),
                Some(Some(_)) => pair.before.as_ref(),
                // What names others may be unsound in between; a headline that both have is kept.
                Some(None) if key.0 == "model" => pair.after.as_ref(),
                _ if ["claim", "check", "pathway"].contains(&key.0.as_str()) => None,
                _ if key.0 == "headline" && !common => None,
                _ => pair.after.as_ref().or(pair.before.as_ref()),
            }
        });
        assembled(chosen)
    }

    fn model(&self, made: &[bool]) -> Option<Model> {
        check(&self.mixed(made)).model
    }

    fn join(&mut self, one: usize, other: usize) {
        let (kept, gone) = (one.min(other), one.max(other));
        if kept == gone {
            return;
        }
        for group in self.group_of.values_mut().flatten() {
            *group = match *group {
                at if at == gone => kept,
                at if at > gone => at - 1,
                at => at,
            };
        }
        self.groups -= 1;
    }

    fn join_what_mentions_each_other(&mut self) {
        let changed: Vec<Key> = self
            .group_of
            .iter()
            .filter(|(_, group)| group.is_some())
            .map(|(key, _)| key.clone())
            .collect();
        let mentions: Vec<BTreeSet<String>> = changed
            .iter()
            .map(|key| {
                let pair = &self.pairs[key];
                let both = pair.before.iter().chain(&pair.after);
                both.flat_map(Part::mentions).collect()
            })
            .collect();
        for key in &changed {
            let pair = &self.pairs[key];
            let head = |part: &Option<Part>| part.as_ref().map(Part::head);
            // A fact has no head that anything hangs on, unless it is new or gone.
            if pair.before.is_some() && pair.after.is_some() && head(&pair.before) == head(&pair.after)
                || key.0 == "file"
                || key.1.is_empty()
            {
                continue;
            }
            for (other, mentioned) in changed.iter().zip(&mentions) {
                if other != key && mentioned.contains(&key.1) {
                    let groups = (self.group_of[key], self.group_of[other]);
                    if let (Some(one), Some(other)) = groups {
                        self.join(one, other);
                    }
                }
            }
        }
    }

    fn join_what_is_unsound_alone(&mut self) {
        for made_first in [true, false] {
            let mut group = 0;
            while group < self.groups && self.groups > 1 {
                let alone = |versions: &Versions, with: Option<usize>| {
                    let made: Vec<bool> = (0..versions.groups)
                        .map(|at| (at == group || Some(at) == with) == made_first)
                        .collect();
                    versions.model(&made).is_some()
                };
                if alone(self, None) {
                    group += 1;
                    continue;
                }
                let mending = (0..self.groups).find(|&other| other != group && alone(self, Some(other)));
                // Where no single one mends it, all of them may be needed.
                match mending {
                    Some(other) => {
                        self.join(group, other);
                        group = group.min(other);
                    }
                    None => {
                        while self.groups > 1 {
                            self.join(0, 1);
                        }
                    }
                }
            }
        }
    }
}

/// Values of answers in every future, by name.
pub type Answers = BTreeMap<String, Vec<f64>>;

/// The difference of an answer between two versions.
#[derive(Clone, Debug)]
pub struct Difference {
    /// In the first version.
    pub before: Estimate,
    /// In the second version.
    pub after: Estimate,
    /// What it differs by, future by future.
    pub change: Estimate,
    /// What each group of changes accounts for, and the standard error of that mean over orders; zero where all orders were tried.
    pub parts: Vec<(Estimate, f64)>,
}

/// The differences of all answers.
#[derive(Clone, Debug)]
pub struct Differences {
    /// By name.
    pub answers: BTreeMap<String, Difference>,
    /// Orders in which changes were made.
    pub orders: usize,
    /// Whether these are all there are.
    pub all_orders: bool,
    /// Versions that were run.
    pub runs: usize,
}

/// With so few groups every order is tried: 24 orders need 16 runs.
const FEW_GROUPS: usize = 4;

/// Attributes the differences between two versions to the groups of their changes.
///
/// `run` gives the answers of a model; the answers that both versions give are compared. `pairs` says how many orders are tried, each together with its
/// reverse, where there are more groups than `FEW_GROUPS`.
///
/// # Errors
/// Those of `run`.
///
/// # Method
/// The Shapley value: what a change adds when it is made, on average over orders. In every order the parts add up to the whole difference, future by future, so their averages
/// do. An order and its reverse are tried together, which removes the error of what acts in pairs.
///
/// # Source
/// Shapley, L. S. (1953), "A value for n-person games", in *Contributions to the Theory of Games II*, 307-317; Mitchell, R., Cooper, J., Frank, E. and
/// Holmes, G. (2022), "Sampling permutations for Shapley value estimation", *Journal of Machine Learning Research* 23, 1-46 (antithetic orders).
pub fn attribute<E>(
    versions: &Versions,
    size: Size,
    pairs: usize,
    mut run: impl FnMut(&Model) -> Result<Answers, E>,
) -> Result<Option<Differences>, E> {
    let n = versions.groups;
    let (Some(first), Some(last)) = (versions.model(&vec![false; n]), versions.model(&vec![true; n])) else {
        return Ok(None);
    };
    let (first, last) = (Rc::new(run(&first)?), Rc::new(run(&last)?));
    let mut runs = 2;
    let names: Vec<&String> = first.keys().filter(|name| last.contains_key(*name)).collect();
    let all_orders = n <= FEW_GROUPS;
    let orders = if all_orders {
        every_order(n)
    } else {
        some_orders(n, pairs.max(1))
    };
    let mut known: HashMap<Vec<bool>, Option<Rc<Answers>>> = HashMap::new();
    known.insert(vec![false; n], Some(first.clone()));
    known.insert(vec![true; n], Some(last.clone()));
    // Sums over orders: of what each group adds to each answer in each future, and of the means and their squares.
    let mut added: Vec<BTreeMap<&String, Vec<f64>>> = vec![BTreeMap::new(); n];
    let mut means: Vec<BTreeMap<&String, Vec<f64>>> = vec![BTreeMap::new(); n];
    for order in &orders {
        let mut made = vec![false; n];
        let (mut before, mut waiting) = (first.clone(), Vec::new());
        for &group in order {
            made[group] = true;
            waiting.push(group);
            let version = match known.get(&made) {
                Some(version) => version.clone(),
                None => {
                    let version = match versions.model(&made) {
                        Some(model) => {
                            runs += 1;
                            Some(Rc::new(run(&model)?))
                        }
                        None => None,
                    };
                    if all_orders {
                        known.insert(made.clone(), version.clone());
                    }
                    version
                }
            };
            // What is unsound in between is counted with what comes next.
            let Some(version) = version else { continue };
            let share = 1.0 / waiting.len() as f64;
            for &name in &names {
                let (Some(old), Some(new)) = (before.get(name), version.get(name)) else {
                    continue;
                };
                let differs = old
                    .iter()
                    .zip(new)
                    .any(|(old, new)| difference(*new, *old) != 0.0);
                for &group in &waiting {
                    if !differs {
                        // Most changes reach few answers: no room is taken for what they leave alone.
                        means[group].entry(name).or_default().push(0.0);
                        continue;
                    }
                    let sum = added[group].entry(name).or_insert_with(|| vec![0.0; old.len()]);
                    let mut total = 0.0;
                    for ((sum, old), new) in sum.iter_mut().zip(old).zip(new) {
                        let step = share * difference(*new, *old);
                        *sum += step / orders.len() as f64;
                        total += step;
                    }
                    means[group]
                        .entry(name)
                        .or_default()
                        .push(total / old.len() as f64);
                }
            }
            before = version;
            waiting.clear();
        }
    }
    let estimate = |values: &[f64]| Estimate::of(Sample::new(values, size));
    let answers = names.into_iter().map(|name| {
        let (before, after) = (&first[name], &last[name]);
        let change: Vec<f64> = (before.iter().zip(after))
            .map(|(before, after)| difference(*after, *before))
            .collect();
        let parts = (0..n).map(|group| {
            let nothing = || vec![0.0; change.len()];
            let values = added[group].get(name).cloned().unwrap_or_else(nothing);
            let error = if all_orders {
                0.0
            } else {
                means[group].get(name).map_or(0.0, |means| error_of_pairs(means))
            };
            (estimate(&values), error)
        });
        let difference = Difference {
            before: estimate(before),
            after: estimate(after),
            change: estimate(&change),
            parts: parts.collect(),
        };
        (name.clone(), difference)
    });
    Ok(Some(Differences {
        answers: answers.collect(),
        orders: orders.len(),
        all_orders,
        runs,
    }))
}

/// Values that agree do not differ, even if both are infinite or none is a number.
fn difference(with: f64, without: f64) -> f64 {
    if with == without || with.is_nan() && without.is_nan() {
        0.0
    } else {
        with - without
    }
}

/// Returns the standard error of a mean over orders, neighbours being an order and its reverse. NaN with one pair.
fn error_of_pairs(means: &[f64]) -> f64 {
    let pairs: Vec<f64> = means
        .chunks(2)
        .map(|pair| pair.iter().sum::<f64>() / pair.len() as f64)
        .collect();
    let count = pairs.len() as f64;
    let mean = pairs.iter().sum::<f64>() / count;
    let squares: f64 = pairs.iter().map(|pair| (pair - mean) * (pair - mean)).sum();
    (squares / (count - 1.0) / count).sqrt()
}

/// Returns all orders of so many, by the digits of their numbers in the factorial system.
fn every_order(n: usize) -> Vec<Vec<usize>> {
    let count: usize = (1..=n).product();
    let order = |mut number: usize| {
        let mut left: Vec<usize> = (0..n).collect();
        let mut order = Vec::with_capacity(n);
        for size in (1..=n).rev() {
            order.push(left.remove(number % size));
            number /= size;
        }
        order
    };
    (0..count).map(order).collect()
}

/// Returns orders by chance, each before its reverse.
///
/// # Source
/// Fisher and Yates's shuffle; Steele, G. L., Lea, D. and Flood, C. H. (2014), "Fast splittable pseudorandom number generators", OOPSLA: SplitMix64.
fn some_orders(n: usize, pairs: usize) -> Vec<Vec<usize>> {
    let mut state = 0_u64;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let mut orders = Vec::with_capacity(2 * pairs);
    for _ in 0..pairs {
        let mut order: Vec<usize> = (0..n).collect();
        for last in (1..n).rev() {
            order.swap(last, (next() % (last as u64 + 1)) as usize);
        }
        let reverse = order.iter().rev().copied().collect();
        orders.push(order);
        orders.push(reverse);
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_there_once() {
        let orders: BTreeSet<Vec<usize>> = every_order(4).into_iter().collect();
        assert_eq!(orders.len(), 24);
        assert_eq!(every_order(0), [Vec::<usize>::new()]);
    }

    #[test]
    fn an_order_comes_with_its_reverse() {
        let orders = some_orders(6, 3);
        assert_eq!(orders.len(), 6);
        assert_eq!(orders[0].iter().rev().copied().collect::<Vec<_>>(), orders[1]);
        assert_ne!(orders[0], orders[2]);
    }
}
