"""The ledger: one DynamoDB table with the locks and the record of each release.

| pk               | sk                       | what                                                        |
|------------------|--------------------------|-------------------------------------------------------------|
| `locks`          | `function:alias`         | who holds the alias, its generation and snapshot            |
| `freezes`        | `PATTERN`                | functions that may not be released, until when, and why     |
| `release#NAME`   | `record`                 | plan, status and outcome of a release                       |
| `release#NAME`   | `target#function:alias`  | what was prepared: version, probe                           |
| `release#NAME`   | `shift#STEP`             | each change of weight                                       |
| `release#NAME`   | `version-errors`         | what versions that failed had logged                        |
| `release#NAME`   | `event#TIME#KIND`        | each milestone, and each tick with its verdicts             |
| `release#NAME`   | `ahead#NUMBER`           | what the planner foresaw for targets                        |
| `release#NAME`   | `baseline`               | what stable was like before the release                     |
| `release#NAME`   | `counts#TIME#NUMBER`     | counts by target, metric and minute, as far as they are new |
| `release#NAME`   | `complete#HOUR#NUMBER`   | all counts of an hour that is not read again, packed        |
| `release#NAME`   | `bake`                   | what one tick leaves to the next                            |
| `decisions#NAME` | `current`                | the last decision on a release, and whether it was found    |
| `decisions#NAME` | `question`               | what the release asks before it goes on                     |
| `decisions#NAME` | `event#TIME#decided#N`   | every decision, as a milestone                              |
| `releases`       | `TIME#NAME`              | the releases that there were, and their targets             |
| `alias#f:a`      | `live`                   | the version that our last release left there, and before    |
| `alias#f:a`      | `probed#VERSION`         | how long a version took to start, and where its log is      |
| `alias#f:a`      | `rolled-back#VERSION`    | a version that was rolled back, and why                     |

What no release can go on or end without are the locks, the record, and `target#` and `shift#` items: their size is
bounded (`records.LARGEST`). Every other write may fail (`optional`). A malformed item is skipped (`reading`).
Every item carries `schema`, the number of this layout. Locks and `alias#` items but `probed#` have no TTL.
`tidegate.domain.ledger_items` has the keys, and reads the items of a release.
"""
