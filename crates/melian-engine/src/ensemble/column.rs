//! One measure or question in every future: a number takes eight bytes, a plain answer one.

use std::ops::Index;

use serde::{Deserialize, Serialize};

/// A measure or question, future by future.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Column {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Positions in [`ANSWERS`], where every value is one of them, as it is with questions.
    Answers(Vec<u8>),
}

/// What a question can give: no, yes, not known.
static ANSWERS: [f64; 3] = [0.0, 1.0, f64::NAN];

impl Column {
    /// Returns its values.
    pub fn values(&self) -> Values<'_> {
        match self {
            Column::Numbers(numbers) => Values::Numbers(numbers),
            Column::Answers(answers) => Values::Answers(answers),
        }
    }

    /// Returns the number of futures.
    pub fn len(&self) -> usize {
        self.values().len()
    }

    /// Returns whether there is no future.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns its values, future by future.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &f64> + Clone {
        self.values().iter()
    }

    /// Returns its values as a list of their own.
    pub fn to_vec(&self) -> Vec<f64> {
        self.values().to_vec()
    }

    /// Adds the futures that follow.
    pub(super) fn append(&mut self, next: Column) {
        match (&mut *self, next) {
            (Column::Answers(answers), Column::Answers(more)) => answers.extend(more),
            (Column::Numbers(numbers), next) => numbers.extend(next.iter()),
            (Column::Answers(_), Column::Numbers(more)) => {
                // A part may happen to have no other values; the whole has.
                let mut numbers = self.to_vec();
                numbers.extend(more);
                *self = Column::Numbers(numbers);
            }
        }
    }

    /// Returns whether all that stands in it is a value.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Column::Numbers(_) => true,
            Column::Answers(answers) => answers.iter().all(|&answer| usize::from(answer) < ANSWERS.len()),
        }
    }

    /// Adds its bits to a hash.
    pub(super) fn hash(&self, hash: &mut blake3::Hasher) {
        match self {
            Column::Numbers(numbers) => {
                hash.update(b"numbers");
                numbers.iter().for_each(|value| {
                    hash.update(&value.to_bits().to_le_bytes());
                });
            }
            Column::Answers(answers) => {
                hash.update(b"answers").update(answers);
            }
        }
    }
}

/// Numbers are kept as answers if each is one, to the bit: then nothing is lost.
impl From<Vec<f64>> for Column {
    fn from(numbers: Vec<f64>) -> Column {
        let answer = |number: &f64| {
            let bits = number.to_bits();
            let mut answers = ANSWERS.iter();
            answers
                .position(|answer| answer.to_bits() == bits)
                .map(|at| at as u8)
        };
        // Most columns of numbers show it at once.
        match numbers.iter().map(answer).collect() {
            Some(answers) => Column::Answers(answers),
            None => Column::Numbers(numbers),
        }
    }
}

impl PartialEq for Column {
    fn eq(&self, other: &Column) -> bool {
        self.values() == other.values()
    }
}

impl Index<usize> for Column {
    type Output = f64;

    fn index(&self, future: usize) -> &f64 {
        self.values().get(future)
    }
}

impl<'a> IntoIterator for &'a Column {
    type Item = &'a f64;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.values().iter()
    }
}

/// Values of futures, wherever they stand.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// Numbers.
    Numbers(&'a [f64]),
    /// Answers of a [`Column`].
    Answers(&'a [u8]),
}

impl<'a> Values<'a> {
    /// Returns the number of futures.
    pub fn len(self) -> usize {
        match self {
            Values::Numbers(numbers) => numbers.len(),
            Values::Answers(answers) => answers.len(),
        }
    }

    /// Returns whether there is no future.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Returns the values, future by future.
    pub fn iter(self) -> Iter<'a> {
        match self {
            Values::Numbers(numbers) => Iter::Numbers(numbers.iter()),
            Values::Answers(answers) => Iter::Answers(answers.iter()),
        }
    }

    /// Returns whole groups of so many futures that follow one another, such as those of a draw.
    pub fn chunks(self, futures: usize) -> impl ExactSizeIterator<Item = Values<'a>> {
        (0..self.len() / futures).map(move |chunk| {
            let range = chunk * futures..(chunk + 1) * futures;
            match self {
                Values::Numbers(numbers) => Values::Numbers(&numbers[range]),
                Values::Answers(answers) => Values::Answers(&answers[range]),
            }
        })
    }

    /// Returns whether some future has a value.
    pub fn contains(self, value: f64) -> bool {
        self.iter().any(|known| *known == value)
    }

    /// Returns the values as a list of their own.
    pub fn to_vec(self) -> Vec<f64> {
        self.iter().copied().collect()
    }

    fn get(self, future: usize) -> &'a f64 {
        match self {
            Values::Numbers(numbers) => &numbers[future],
            Values::Answers(answers) => &ANSWERS[usize::from(answers[future])],
        }
    }
}

impl Default for Values<'_> {
    fn default() -> Self {
        Values::Numbers(&[])
    }
}

impl PartialEq for Values<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Index<usize> for Values<'_> {
    type Output = f64;

    fn index(&self, future: usize) -> &f64 {
        self.get(future)
    }
}

impl<'a> IntoIterator for Values<'a> {
    type Item = &'a f64;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<'a> From<&'a Column> for Values<'a> {
    fn from(column: &'a Column) -> Self {
        column.values()
    }
}

impl<'a> From<&'a [f64]> for Values<'a> {
    fn from(numbers: &'a [f64]) -> Self {
        Values::Numbers(numbers)
    }
}

impl<'a> From<&'a Vec<f64>> for Values<'a> {
    fn from(numbers: &'a Vec<f64>) -> Self {
        Values::Numbers(numbers)
    }
}

/// Values of futures, one after another.
#[derive(Clone, Debug)]
pub enum Iter<'a> {
    /// Numbers.
    Numbers(std::slice::Iter<'a, f64>),
    /// Answers.
    Answers(std::slice::Iter<'a, u8>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a f64;

    #[inline]
    fn next(&mut self) -> Option<&'a f64> {
        match self {
            Iter::Numbers(numbers) => numbers.next(),
            Iter::Answers(answers) => answers.next().map(|&answer| &ANSWERS[usize::from(answer)]),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Iter::Numbers(numbers) => numbers.size_hint(),
            Iter::Answers(answers) => answers.size_hint(),
        }
    }
}

impl ExactSizeIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(column: &Column) -> Vec<u64> {
        column.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn answers_take_a_byte_each_and_lose_no_bit() {
        let values = vec![1.0, 0.0, f64::NAN, 1.0];
        let column = Column::from(values.clone());
        assert!(matches!(column, Column::Answers(_)));
        assert_eq!(
            bits(&column),
            values.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        );
        assert_eq!((column[0], column[1], column.len()), (1.0, 0.0, 4));
    }

    #[test]
    fn what_is_no_answer_to_the_bit_stays_a_number() {
        let other_nan = f64::from_bits(f64::NAN.to_bits() ^ 1);
        for value in [-0.0, 0.5, 2.0, other_nan, f64::INFINITY] {
            let column = Column::from(vec![1.0, value]);
            assert!(matches!(column, Column::Numbers(_)), "{value}");
            assert_eq!(bits(&column)[1], value.to_bits());
        }
    }

    #[test]
    fn parts_of_either_kind_append_to_the_same_bits() {
        let (answers, numbers) = (vec![0.0, 1.0], vec![0.25, f64::NAN]);
        for parts in [
            [&answers, &answers],
            [&answers, &numbers],
            [&numbers, &answers],
            [&numbers, &numbers],
        ] {
            let mut column = Column::from(parts[0].clone());
            column.append(Column::from(parts[1].clone()));
            let expect: Vec<u64> = parts
                .iter()
                .flat_map(|part| part.iter())
                .map(|x| x.to_bits())
                .collect();
            assert_eq!(bits(&column), expect);
        }
    }
}
