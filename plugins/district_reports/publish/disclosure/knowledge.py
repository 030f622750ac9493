"""What is known of the cells of releases, as one linear system over all that has left and is about to leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from district_reports.publish.disclosure.binding import Binding
from district_reports.publish.disclosure.cells import Cell, Districts, Left, Place, Table, cells_of, dependent
from district_reports.publish.disclosure.system import Relation, System


@dataclass(frozen=True)
class Knowledge:
    """``cell_of`` finds the cell at a place of each of the releases; places that nothing is declared of have none.

    ``counted`` are the districts that the figure of a cell counts, in each release. ``depends`` names, of each release,
    the places at which a figure is withheld whenever it is at one of others.
    """

    cells: tuple[Cell, ...]
    system: System
    cell_of: tuple[Mapping[Place, int], ...]
    counted: tuple[Mapping[int, Districts], ...]
    depends: tuple[Mapping[Place, tuple[Place, ...]], ...]


def gather(releases: Sequence[Left]) -> Knowledge:
    """The system of all that the releases tell together.

    Raises:
        DoesNotAddUp: a table is not as it declares.
    """
    numbers: dict[Cell, int] = {}
    values: list[float] = []
    relations: dict[Relation, None] = {}
    places, counted = [], []
    for release in releases:
        found = cells_of(release.tables)
        at = {place: numbers.setdefault(each.cell, len(numbers)) for place, each in found.items()}
        districts = {at[place]: each.counted for place, each in found.items()}
        values += [float(cell.value) for cell in list(numbers)[len(values) :]]
        places.append(at)
        counted.append(districts)
        relations.update(dict.fromkeys(Binding(release.tables, at, districts, values).relations()))
    cells = tuple(numbers)
    scales = _scales(cells, {table.name: table for release in releases for table in release.tables})
    depends = tuple(dependent(release.tables) for release in releases)
    system = System(tuple(values), tuple(relations), scales)
    return Knowledge(cells, system, tuple(places), tuple(counted), depends)


def _scales(cells: Sequence[Cell], tables: Mapping[str, Table]) -> tuple[float, ...]:
    """1 for counts; for what rests on a count, its size a person over the whole table."""
    sums: dict[tuple[str, str], float] = {}
    for cell in cells:
        sums[cell.table, cell.column] = sums.get((cell.table, cell.column), 0.0) + abs(float(cell.value))
    sizes = {}
    for name, table in tables.items():
        for column, count in table.protection.rests_on.items():
            people = sums.get((name, count), 0.0)
            if people:
                sizes[name, column] = max(1.0, sums.get((name, column), 0.0) / people)
    return tuple(sizes.get((cell.table, cell.column), 1.0) for cell in cells)
