//! What the calendar says of a step.

use melian_language::model::{Calendar, Clock};

/// Returns a value of the calendar in a step, counted from 0.
pub fn value(calendar: Calendar, clock: Clock, step: u32) -> f64 {
    let elapsed = f64::from(step) * clock.step_days;
    let first_day = i64::from(clock.start_day) + elapsed as i64;
    match calendar {
        Calendar::Now | Calendar::Elapsed => elapsed,
        Calendar::YearShare => {
            let date = Date::of(first_day);
            let new_year = Date {
                month: 1,
                day: 1,
                ..date
            }
            .days();
            let next = Date {
                year: date.year + 1,
                month: 1,
                day: 1,
            }
            .days();
            (first_day - new_year) as f64 / (next - new_year) as f64
        }
        Calendar::Month => f64::from(Date::of(first_day).month),
        Calendar::MonthStarts => {
            // The step holds the days from its first to the day before the next step's first; a step within a day holds the
            // day only if it is the first step of that day.
            let next_first_day = i64::from(clock.start_day) + (elapsed + clock.step_days).ceil() as i64;
            let first_whole_day = i64::from(clock.start_day) + elapsed.ceil() as i64;
            let starts = (first_whole_day..next_first_day).any(|day| Date::of(day).day == 1);
            if starts { 1.0 } else { 0.0 }
        }
    }
}

/// A date of the Gregorian calendar, extended to all years.
///
/// # Source
/// H. Hinnant (2013), "chrono-compatible low-level date algorithms", `civil_from_days` and `days_from_civil`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Date {
    year: i64,
    month: u32,
    day: u32,
}

const DAYS_OF_ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

impl Date {
    /// Returns the date of a day counted from 1970-01-01.
    fn of(days: i64) -> Date {
        let days = days + EPOCH;
        let era = days.div_euclid(DAYS_OF_ERA);
        let day_of_era = days.rem_euclid(DAYS_OF_ERA);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 {
            month_from_march + 3
        } else {
            month_from_march - 9
        };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        Date {
            year,
            month: month as u32,
            day: day as u32,
        }
    }

    /// Returns the day counted from 1970-01-01.
    fn days(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = i64::from(if self.month > 2 {
            self.month - 3
        } else {
            self.month + 9
        });
        let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(self.day) - 1;
        era * DAYS_OF_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - EPOCH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_are_the_same() {
        assert_eq!(
            Date::of(0),
            Date {
                year: 1970,
                month: 1,
                day: 1
            }
        );
        assert_eq!(
            Date::of(20_024),
            Date {
                year: 2024,
                month: 10,
                day: 28
            }
        );
        assert_eq!(
            Date::of(-1),
            Date {
                year: 1969,
                month: 12,
                day: 31
            }
        );
        for days in (-800_000..800_000).step_by(17) {
            assert_eq!(Date::of(days).days(), days);
        }
        assert_eq!(
            Date::of(
                Date {
                    year: 2024,
                    month: 2,
                    day: 29
                }
                .days()
                    + 1
            )
            .day,
            1
        );
    }

    #[test]
    fn a_weekly_calendar_knows_its_months() {
        // Weeks from Monday 28 October 2024: the first holds 1 November.
        let clock = Clock {
            start_day: 20_024,
            step_days: 7.0,
            steps: 52,
        };
        let starts: Vec<u32> = (0..52)
            .filter(|&step| value(Calendar::MonthStarts, clock, step) == 1.0)
            .collect();
        assert_eq!(starts, [0, 4, 9, 13, 17, 22, 26, 30, 35, 39, 44, 48]);
        assert_eq!(value(Calendar::Month, clock, 0), 10.0);
        assert_eq!(value(Calendar::Month, clock, 1), 11.0);
        assert_eq!(value(Calendar::Now, clock, 3), 21.0);
        // 28 October is the 302nd day of the leap year 2024.
        assert_eq!(value(Calendar::YearShare, clock, 0), 301.0 / 366.0);
    }

    #[test]
    fn a_month_starts_once_when_steps_are_shorter_than_a_day() {
        let clock = Clock {
            start_day: 20_027,
            step_days: 0.25,
            steps: 12,
        };
        let starts: Vec<u32> = (0..12)
            .filter(|&step| value(Calendar::MonthStarts, clock, step) == 1.0)
            .collect();
        assert_eq!(starts, [4]);
    }
}
