"""The ledger: one DynamoDB table with the locks and the record of each release.

| pk               | sk                       | what                                                        |
|------------------|--------------------------|-------------------------------------------------------------|
| `locks`          | `function:alias`         | release that locked the alias, its generation, snapshot     |
| `freezes`        | `PATTERN`                | functions that may not be released, until when, and why     |
| `release#NAME`   | `record`                 | plan, status and outcome of a release                       |
| `release#NAME`   | `target#function:alias`  | what was prepared: version, probe                           |
| `release#NAME`   | `region#NUMBER`          | stage of a Region, its release there, and how that ended    |
| `release#NAME`   | `shift#STEP`             | each change of weight                                       |
| `release#NAME`   | `version-errors`         | errors in the logs of failed versions                       |
| `release#NAME`   | `event#TIME#KIND`        | each milestone, and each tick with its verdicts             |
| `release#NAME`   | `ahead#NUMBER`           | forecast for targets                                        |
| `release#NAME`   | `asked#TOKEN`            | answer of a hook, which is not asked again                  |
| `release#NAME`   | `baseline`               | metrics of stable before the release                        |
| `release#NAME`   | `counts#TIME#NUMBER`     | new counts by target, metric and minute                     |
| `release#NAME`   | `slots#TIME`             | calls and failed ones in the logs after a shift, by slot    |
| `release#NAME`   | `by-user#TIME#NUMBER`    | users who failed or were seen, by function; calls, by edge  |
| `release#NAME`   | `caller-logs`            | how far the logs of callers are read                        |
| `release#NAME`   | `complete#HOUR#NUMBER`   | final counts of an hour, packed                             |
| `release#NAME`   | `bake`                   | state from one tick to the next                             |
| `wake#NAME`      | `current`                | token that ends a wait for Regions, and events that came    |
| `decisions#NAME` | `current`                | last decision on a release, and whether it took effect      |
| `decisions#NAME` | `question`               | approval that the release waits for                         |
| `decisions#NAME` | `event#TIME#decided#N`   | every decision, as a milestone                              |
| `releases`       | `TIME#NAME`              | all releases, and their targets                             |
| `alias#f:a`      | `live`                   | version after the last release, and before it               |
| `alias#f:a`      | `probed#VERSION`         | init time of a version, and the location of its log         |
| `alias#f:a`      | `rolled-back#VERSION`    | a version that was rolled back, and why                     |
| `alias#f:a`      | `contract#VERSION`       | schema of the messages of a version; of `next`, prepared    |
| `route#FUNCTION` | `ALIAS`                  | which users meet the canary of an alias, and by which alias |

Every release needs the locks, the record, and `target#` and `shift#` items to continue and end: their size is
limited (`records.LARGEST`). Every other write may fail (`optional`). A malformed item is skipped (`reading`).
Every item has `schema`, the number of this layout, in `route#` items that of the library for callers. Locks, `route#`
items, and `alias#` items except `probed#` and `contract#next` have no TTL.
`tidegate.domain.ledger_items` has the keys, and reads the items of a release.
"""
