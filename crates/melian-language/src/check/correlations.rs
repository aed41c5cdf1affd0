//! Correlations: which luck goes together, and whether any luck can.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::declarations::without_comments;
use super::distributions::short;
use super::expressions::Scope;
use super::{Checker, Typing, list};
use crate::diagnostic::Diagnostic;
use crate::model::{Correlation, ElementId, Quantity, QuantityId, QuantityRef, Subscript};
use crate::source::Span;
use crate::syntax::ast::{Declaration, DeclarationKind, Expression, ExpressionKind, Target};

/// What is said about a correlation that can be none.
const CANNOT: &str = "E0712";
/// Most scalars of a group: by judgement, more than anybody can say something about. The work grows with the cube.
const MOST_MEMBERS: usize = 256;
/// What rounding may take from a variance of 1 in a factor of [`MOST_MEMBERS`] rows (a few hundred times a last digit), with room. What is less is 0.
const ROUNDING: f64 = 1e-12;

/// One scalar: its qualified name first, since groups are in the order of names, whatever the order of declarations.
type Scalar = Rc<(String, QuantityId, Vec<ElementId>)>;

/// A pair in the order of names.
type Pair = (Scalar, Scalar);

/// The correlation of a pair, and who says so.
#[derive(Clone, Copy)]
struct Said {
    value: f64,
    span: Span,
}

impl<'a> Checker<'a> {
    /// Lowers the correlations into groups that have no luck in common. Quantities that they name get their text and what they cite.
    pub(super) fn lower_correlations(
        &mut self,
        declarations: &[&'a Declaration],
        quantities: &mut [Option<Quantity>],
    ) -> Vec<Correlation> {
        let mut said: BTreeMap<Pair, Said> = BTreeMap::new();
        let mut sound = true;
        for declaration in declarations {
            let DeclarationKind::Correlate { members, value } = &declaration.kind else {
                continue;
            };
            let cites = self.cites(&declaration.cites);
            let value = self.correlation(value);
            let (Some(scalars), Some(value)) = (self.correlated(members), value) else {
                sound = false;
                continue;
            };
            let text = without_comments(self.sources.excerpt(declaration.span));
            for member in members {
                let id = self.quantity_ids.get(&member.name.text);
                let quantity = id.and_then(|id| quantities[id.position()].as_mut());
                if let Some(quantity) = quantity.filter(|quantity| !quantity.text.ends_with(&text)) {
                    quantity.text.push('\n');
                    quantity.text.push_str(&text);
                    for cited in &cites {
                        if !quantity.correlation_cites.contains(cited) {
                            quantity.correlation_cites.push(cited.clone());
                        }
                    }
                }
            }
            let span = declaration.span;
            if !self.may_grow(scalars.len() * (scalars.len() - 1) / 2, span) {
                sound = false;
                continue;
            }
            let mut pairs = scalars
                .iter()
                .enumerate()
                .flat_map(|(position, a)| scalars[..position].iter().map(move |b| (a, b)));
            // The first pair of a declaration that has another value already speaks for all.
            sound &= pairs.all(|(a, b)| {
                let pair = (a.min(b).clone(), a.max(b).clone());
                self.say(&mut said, pair, Said { value, span })
            });
        }
        // What is wrong may be what makes a group possible.
        let groups = if sound { groups(&said) } else { Vec::new() };
        groups
            .into_iter()
            .filter_map(|group| self.group(&group, &said))
            .collect()
    }

    /// Notes the correlation of a pair, or reports that another one has been noted.
    fn say(&mut self, said: &mut BTreeMap<Pair, Said>, pair: Pair, new: Said) -> bool {
        let first = *said.entry(pair.clone()).or_insert(new);
        if first.value == new.value {
            return true;
        }
        let message = format!(
            "`{}` and `{}` are correlated by {} here, and by {} elsewhere",
            pair.0.0,
            pair.1.0,
            short(new.value),
            short(first.value)
        );
        let diagnostic = Diagnostic::error(CANNOT, message, new.span)
            .label(first.span, "the other")
            .help("a pair has one correlation: keep one of the two");
        self.report(diagnostic);
        false
    }

    /// Returns the value of a correlation, or reports that it is none.
    fn correlation(&mut self, value: &Expression) -> Option<f64> {
        if matches!(value.kind, ExpressionKind::Missing) {
            return None;
        }
        let typed = self.expression(value, &Scope::of(&[]));
        if !self.is_plain(&typed, "a correlation") {
            return None;
        }
        let message = match self.known(&typed.value) {
            Some(known) if (-1.0..=1.0).contains(&known) => return Some(known),
            Some(known) => format!("a correlation lies from -1 to 1, and this is {}", short(known)),
            None => "a correlation is known before the run, and this is not".to_owned(),
        };
        let diagnostic = Diagnostic::error(CANNOT, message, value.span);
        self.report(diagnostic.help("write a number such as `0.5`, or a constant that is one"));
        None
    }

    /// Returns the scalars that a declaration names, or reports why they cannot be correlated.
    fn correlated(&mut self, members: &[Target]) -> Option<Vec<Scalar>> {
        let named: Vec<Option<(QuantityId, Vec<Scalar>)>> = members
            .iter()
            .map(|member| self.scalars_of(member, members.len()))
            .collect();
        let named: Vec<(QuantityId, Vec<Scalar>)> = named.into_iter().collect::<Option<_>>()?;
        let (first, last) = (members.first()?, members.last()?);
        let of_noise = |checker: &Self, id: QuantityId| {
            matches!(
                checker.quantities[id.position()].kind,
                DeclarationKind::Noise { .. }
            )
        };
        let one = named[0].0;
        if let Some(place) = named
            .iter()
            .position(|(id, _)| of_noise(self, *id) != of_noise(self, one))
        {
            let message = format!(
                "{} and {} cannot be correlated: a parameter is drawn once in a future, noise in every step",
                self.spoken(one),
                self.spoken(named[place].0)
            );
            let diagnostic = Diagnostic::error(CANNOT, message, members[place].span);
            self.report(diagnostic.help("let the noise depend on the parameter: `~ normal(PARAMETER, SD)`"));
            return None;
        }
        let scalars: Vec<Scalar> = named.into_iter().flat_map(|(_, scalars)| scalars).collect();
        let (message, help) = if scalars.len() < 2 {
            (
                format!("`{}` is correlated with nothing", scalars[0].0),
                "name two or more: `correlate a, b = 0.5`",
            )
        } else if scalars.len() > MOST_MEMBERS {
            (
                format!("more than {MOST_MEMBERS} scalars are correlated with one another"),
                "let them depend on a parameter that they share",
            )
        } else if let Some(twice) = scalars
            .iter()
            .enumerate()
            .find(|(i, s)| scalars[..*i].contains(s))
        {
            (format!("`{}` is named twice", twice.1.0), "name it once")
        } else {
            return Some(scalars);
        };
        let diagnostic = Diagnostic::error(CANNOT, message, first.span.to(last.span)).help(help);
        self.report(diagnostic);
        None
    }

    /// Returns the scalars that a name means among `count` names: all its elements if it stands alone.
    fn scalars_of(&mut self, member: &Target, count: usize) -> Option<(QuantityId, Vec<Scalar>)> {
        let name = &member.name;
        let Some(id) = self.quantity_ids.get(&name.text).copied() else {
            let diagnostic = self.unknown("parameter or noise", name, |checker| checker.names_of(has_luck));
            self.report(diagnostic);
            return None;
        };
        let declaration = self.quantities[id.position()];
        if !has_luck(&declaration.kind) {
            let message = format!("{} has no luck that could be correlated", self.spoken(id));
            let diagnostic = Diagnostic::error(CANNOT, message, member.span)
                .label(declaration.name.span, "declared here")
                .help("correlate the parameters, or the noises, that it depends on");
            self.report(diagnostic);
            return None;
        }
        if matches!(self.signatures[id.position()].typing, Typing::Poisoned) {
            return None;
        }
        let tuples = match self.named_element(id, member)? {
            Some(tuple) => vec![tuple],
            None => self.tuples(id),
        };
        // An index without elements has been reported.
        let some = self.scalar_name(id, tuples.first()?);
        if count > 1 && tuples.len() != 1 {
            let message = format!(
                "`{}` has elements, and which of them is meant is not said",
                name.text
            );
            let diagnostic = Diagnostic::error(CANNOT, message, member.span).help(format!(
                "name one, such as `{some}`; `correlate {} = VALUE` lets all of them go together",
                name.text
            ));
            self.report(diagnostic);
            return None;
        }
        let scalars = tuples
            .into_iter()
            .map(|tuple| Rc::new((self.scalar_name(id, &tuple), id, tuple)));
        Some((id, scalars.collect()))
    }

    fn tuples(&self, id: QuantityId) -> Vec<Vec<ElementId>> {
        let shape = &self.signatures[id.position()].shape;
        shape.iter().fold(vec![Vec::new()], |tuples, &index| {
            let longer = |tuple: Vec<ElementId>| {
                let members = self.members(index).into_iter();
                members.map(move |member| tuple.iter().copied().chain([member]).collect())
            };
            // One more than may be is enough to be refused.
            tuples
                .into_iter()
                .flat_map(longer)
                .take(MOST_MEMBERS + 1)
                .collect()
        })
    }

    /// Returns the qualified name, as [`crate::model::Model::scalar_name`] writes it.
    fn scalar_name(&self, id: QuantityId, tuple: &[ElementId]) -> String {
        let name = &self.quantities[id.position()].name.text;
        let shape = &self.signatures[id.position()].shape;
        let elements: Vec<String> = shape
            .iter()
            .zip(tuple)
            .map(|(index, element)| self.element_name(*index, *element))
            .collect();
        match elements.as_slice() {
            [] => name.clone(),
            elements => format!("{name}[{}]", elements.join(",")),
        }
    }

    /// Makes a group, or reports that nothing can be correlated so.
    fn group(&mut self, group: &[Scalar], said: &BTreeMap<Pair, Said>) -> Option<Correlation> {
        let least = &group[0];
        let first = said.range((least.clone(), least.clone())..).next()?.1.span;
        if group.len() > MOST_MEMBERS {
            let message = format!("more than {MOST_MEMBERS} scalars are correlated with one another");
            let diagnostic = Diagnostic::error(CANNOT, message, first);
            self.report(diagnostic.help("let them depend on a parameter that they share"));
            return None;
        }
        let of_pair = |a: usize, b: usize| said.get(&(group[a.min(b)].clone(), group[a.max(b)].clone()));
        let matrix: Vec<Vec<f64>> = (0..group.len())
            .map(|row| {
                let between = |column| of_pair(row, column).map_or(0.0, |said| said.value);
                (0..row).map(between).chain([1.0]).collect()
            })
            .collect();
        let Some(factor) = factor(&matrix) else {
            let diagnostic = impossible(group, &matrix, &of_pair, first);
            self.report(diagnostic);
            return None;
        };
        let members = group.iter().map(|scalar| QuantityRef {
            quantity: scalar.1,
            subscripts: scalar.2.iter().copied().map(Subscript::Element).collect(),
        });
        Some(Correlation {
            members: members.collect(),
            matrix,
            factor,
        })
    }
}

fn has_luck(kind: &DeclarationKind) -> bool {
    matches!(
        kind,
        DeclarationKind::Param { .. } | DeclarationKind::Noise { .. }
    )
}

/// Returns the scalars that pairs connect, each group in the order of names.
fn groups(said: &BTreeMap<Pair, Said>) -> Vec<Vec<Scalar>> {
    let mut next: BTreeMap<&Scalar, Vec<&Scalar>> = BTreeMap::new();
    for (a, b) in said.keys() {
        next.entry(a).or_default().push(b);
        next.entry(b).or_default().push(a);
    }
    let mut groups = Vec::new();
    while let Some((&first, _)) = next.first_key_value() {
        let (mut group, mut pending) = (Vec::new(), vec![first]);
        while let Some(scalar) = pending.pop() {
            if let Some(others) = next.remove(scalar) {
                group.push(scalar.clone());
                pending.extend(others);
            }
        }
        group.sort();
        groups.push(group);
    }
    groups
}

/// Returns the lower triangular L with L L' = `matrix`, both by rows; none if the matrix has a negative eigenvalue.
///
/// # Method
/// Cholesky-Banachiewicz, row by row: L_ij = (m_ij - sum_k<j L_ik L_jk) / L_jj and L_ii = sqrt(m_ii - sum_k<i L_ik^2). Where rounding alone is left of a
/// variance, it is 0, and what is left of covariances with it must be too: so a correlation of exactly 1 or -1 is possible.
///
/// # Source
/// Golub and Van Loan (2013), Matrix Computations, 4th edition, sections 4.2.5 and 4.2.8 (semidefinite matrices).
fn factor(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let mut factor: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
    for (i, row) in matrix.iter().enumerate() {
        let mut found: Vec<f64> = Vec::with_capacity(i + 1);
        for (j, &entry) in row.iter().enumerate() {
            let known = if j == i { &found } else { &factor[j] };
            let rest = (0..j).fold(entry, |rest, k| rest - found[k] * known[k]);
            found.push(if j == i {
                if rest < -ROUNDING {
                    return None;
                }
                if rest > ROUNDING { rest.sqrt() } else { 0.0 }
            } else if factor[j][j] > 0.0 {
                rest / factor[j][j]
            } else if rest * rest > ROUNDING {
                return None;
            } else {
                0.0
            });
        }
        factor.push(found);
    }
    Some(factor)
}

/// Returns the matrix with all correlations multiplied by a share.
fn shrunk(matrix: &[Vec<f64>], share: f64) -> Vec<Vec<f64>> {
    let mut shrunk = matrix.to_vec();
    for (i, row) in shrunk.iter_mut().enumerate() {
        row[..i].iter_mut().for_each(|entry| *entry *= share);
    }
    shrunk
}

/// Says which correlations contradict one another, and how far they would have to shrink.
fn impossible<'s>(
    group: &[Scalar],
    matrix: &[Vec<f64>],
    of_pair: &impl Fn(usize, usize) -> Option<&'s Said>,
    span: Span,
) -> Diagnostic {
    // What is possible stays possible when it shrinks, and all is possible at 0.
    let hundredths: Vec<u32> = (1..100).collect();
    let possible = |share: &u32| factor(&shrunk(matrix, f64::from(*share) / 100.0)).is_some();
    let share = short(hundredths.partition_point(possible) as f64 / 100.0);
    let name = |member: usize| &group[member].0;
    let Some([a, b, c]) = worst_triple(matrix) else {
        let names: Vec<String> = group.iter().map(|scalar| scalar.0.clone()).collect();
        let message = format!("no luck can have these correlations of {}", list(&names));
        return Diagnostic::error("E0713", message, span)
            .note("the matrix of all their correlations has a negative eigenvalue")
            .help(format!(
                "multiply all of them by {share}, or declare the pairs that nothing is said of"
            ));
    };
    // The pair that gives way is one that nothing is said of, else one that is said last.
    let declared = |x, y| of_pair(x, y).map(|said| said.span);
    let pairs = [(a, b, c), (a, c, b), (b, c, a)];
    let unsaid = pairs.into_iter().find(|&(x, y, _)| declared(x, y).is_none());
    let last = pairs.into_iter().max_by_key(|&(x, y, _)| declared(x, y));
    let (x, y, z) = unsaid.or(last).unwrap_or((a, b, c));
    let between = |x: usize, y: usize| matrix[x.max(y)][x.min(y)];
    let (to_x, to_y) = (between(x, z), between(y, z));
    let reach = ((1.0 - to_x * to_x) * (1.0 - to_y * to_y)).sqrt();
    let (low, high) = (to_x * to_y - reach, to_x * to_y + reach);
    let message = format!(
        "no luck can have these correlations of {}",
        list(&[a, b, c].map(|member| name(member).clone()))
    );
    let mut spans: Vec<Span> = pairs.into_iter().filter_map(|(x, y, _)| declared(x, y)).collect();
    spans.sort();
    spans.dedup();
    let primary = spans.pop().unwrap_or(span);
    let mut diagnostic = Diagnostic::error("E0713", message, primary).note(format!(
        "with {} between `{}` and `{}` and {} between `{}` and `{}`, that between `{}` and `{}` lies from {low:.2} to {high:.2}",
        short(to_x),
        name(x),
        name(z),
        short(to_y),
        name(z),
        name(y),
        name(x),
        name(y)
    ));
    for span in spans {
        diagnostic = diagnostic.label(span, "together with this");
    }
    if unsaid.is_none() {
        return diagnostic.help(format!("multiply all of them by {share}, or change one"));
    }
    diagnostic
        .note("a pair that nothing is said of counts as 0")
        .help(format!(
            "add `correlate {}, {} = {}`, or multiply all of them by {share}",
            name(x),
            name(y),
            short(to_x * to_y)
        ))
}

/// Returns the three members whose correlations are furthest from possible by themselves, if there are such.
fn worst_triple(matrix: &[Vec<f64>]) -> Option<[usize; 3]> {
    let mut worst = (-ROUNDING, None);
    for c in 0..matrix.len() {
        for b in 0..c {
            for a in 0..b {
                let (ab, ac, bc) = (matrix[b][a], matrix[c][a], matrix[c][b]);
                let determinant = 1.0 + 2.0 * ab * ac * bc - ab * ab - ac * ac - bc * bc;
                if determinant < worst.0 {
                    worst = (determinant, Some([a, b, c]));
                }
            }
        }
    }
    worst.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_the_one_that_is_known() {
        // The example of many textbooks; three rows of whole numbers.
        let matrix = vec![vec![4.0], vec![12.0, 37.0], vec![-16.0, -43.0, 98.0]];
        let known = vec![vec![2.0], vec![6.0, 1.0], vec![-8.0, 5.0, 3.0]];
        assert_eq!(factor(&matrix), Some(known));
    }

    #[test]
    fn exchangeable_correlations_have_a_factor_down_to_one_over_the_others() {
        let exchangeable = |members: usize, value: f64| -> Vec<Vec<f64>> {
            let row = |i: usize| vec![value; i].into_iter().chain([1.0]).collect();
            (0..members).map(row).collect()
        };
        for members in [2, 3, 5, 10, 50, MOST_MEMBERS] {
            let least = -1.0 / (members as f64 - 1.0);
            assert!(factor(&exchangeable(members, least)).is_some(), "{members}");
            assert!(
                factor(&exchangeable(members, least - 1e-9)).is_none(),
                "{members}"
            );
            assert!(factor(&exchangeable(members, 1.0)).is_some(), "{members}");
        }
    }

    #[test]
    fn a_factor_times_itself_is_the_matrix() {
        let matrix = vec![
            vec![1.0],
            vec![0.9, 1.0],
            vec![0.9, 0.8, 1.0],
            vec![0.0, -0.2, 0.3, 1.0],
        ];
        let factor = factor(&matrix).expect("it is possible");
        for (i, row) in matrix.iter().enumerate() {
            for (j, &entry) in row.iter().enumerate() {
                let product: f64 = (0..=j).map(|k| factor[i][k] * factor[j][k]).sum();
                assert!(
                    (product - entry).abs() < 4.0 * f64::EPSILON,
                    "{i}, {j}: {product}"
                );
            }
        }
    }
}
