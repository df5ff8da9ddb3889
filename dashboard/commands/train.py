"""`regscope train`: trains a network without a page, with options or a config file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from threadpoolctl import threadpool_limits

from dashboard.commands.following import follow, summary
from dashboard.commands.output import json_option, readable_errors, write_json
from engine import FieldError, RunConfig, dataset_names, warnings
from engine.config import SETTINGS
from engine.data import PLANAR
from engine.errors import listed
from engine.runs.export.weights import save_weights
from engine.runs.store.database import store_path
from engine.runs.worker.headless import HeadlessRun
from engine.settings.kinds import Choice, Flag, Text, Widths
from engine.settings.setting import Setting, nearest


def setting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option of every setting that has one, in the order of the table."""
    for setting in reversed(list(SETTINGS.values())):
        if setting.option is not None:
            command = _option(setting)(command)
    return command


def _option(setting: Setting) -> Callable[..., Any]:
    """Return the option of a setting; its value is text, or a bool for a switch."""
    assert setting.option is not None
    if isinstance(setting.kind, Flag):
        both = f"{setting.option}/--no-{setting.option.removeprefix('--')}"
        return click.option(both, setting.name, default=None, help=setting.help)
    names = list(setting.kind.choices) if isinstance(setting.kind, Choice) else []
    text = f"{setting.help} {_data_sets()}" if setting.name == "dataset" else setting.help
    return click.option(
        setting.option,
        setting.name,
        metavar=_metavar(setting),
        help=text,
        shell_complete=lambda context, option, start: [name for name in names if name.startswith(start)],
    )


def _metavar(setting: Setting) -> str:
    """Return the placeholder for the value of an option."""
    if isinstance(setting.kind, Choice):
        return f"[{'|'.join(setting.kind.choices)}]"
    if isinstance(setting.kind, Widths):
        return "WIDTHS|none"
    placeholder = "NAME" if isinstance(setting.kind, Text) else "NUMBER"
    return f"{placeholder}|{setting.kind.none}" if setting.kind.none else placeholder


def _data_sets() -> str:
    return f"One of {', '.join([*dataset_names(), *PLANAR])}, or own:… for your own data."


class TrainCommand(click.Command):
    """A command that suggests the nearest option for an unknown one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; an unknown option raises `click.NoSuchOption` with a suggestion."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            meant = [SETTINGS[name].option for name in nearest(error.option_name.lstrip("-"), SETTINGS)]
            options = [repr(option) for option in meant if option is not None]
            if not options:
                raise
            hint = f"No such option {error.option_name!r}. Did you mean {listed(options)}?"
            raise click.NoSuchOption(error.option_name, hint, ctx=error.ctx) from None


@click.command(cls=TrainCommand)
@click.option("--config", "config_file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="The config of a run as JSON or TOML; options override it.")  # fmt: skip
@setting_options
@click.option("--weights", "weights_file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write the weights as .npz or .safetensors; after early stopping the best ones.")  # fmt: skip
@click.option("--name", default="", help="The name of the run in the list of runs.")
@click.option("--store/--no-store", "stored", default=True, help="Save the run, for `regscope runs` and the page.")
@json_option
def train(
    config_file: Path | None, json_file: Path | None, weights_file: Path | None, name: str, stored: bool, **options: Any
) -> None:
    """Train one network, with a progress bar and no page.

    By default there is no label noise, no dropout and no penalty, and all training examples are used. The run is
    saved, and can be opened on the page.
    """
    with readable_errors(), threadpool_limits(limits=1, user_api="blas"):
        given = {name: _value(name, value) for name, value in options.items() if value is not None}
        config = RunConfig.from_dict({**_read(config_file), **given})
        run = HeadlessRun(config, store_path() if stored else None, name=name)
        training = run.training
        for warning in warnings(config, training.data.n, training.data.dataset.features):
            click.echo(f"Warning: {warning}", err=True)
        follow(run)
        if weights_file:
            save_weights(weights_file, training.best_parameters, training.current_config)
    ended = training.early_stopping
    if ended.stopped:
        click.echo(f"Stopped early: {ended.stopped}; the best epoch was {ended.best_epoch}.")
    click.echo(summary(run))
    if json_file:
        write_json(
            json_file,
            {
                "config": config.to_dict(),
                "epochs": [snapshot.to_dict() for snapshot in run.snapshots],
                "steps": training.step,
                "training_seconds": run.update_seconds,
                "measuring_seconds": run.measuring_seconds,
            },
        )


def _value(name: str, given: str | bool) -> Any:
    """Return the value of an option. Raises `FieldError`."""
    return given if isinstance(given, bool) else SETTINGS[name].parse(given)


def _read(path: Path | None) -> dict[str, Any]:
    """Return the fields in a config file. Raises `FieldError`."""
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise FieldError("--config", f"{path} must be a table in JSON or TOML: {error}") from error
    if not isinstance(found, dict):
        raise FieldError("--config", f"{path} must be a table of fields and values, got {type(found).__name__}")
    # a file of `regscope train --json` is a config file, too
    inner = found.get("config", found)
    if beside := sorted(name for name in found if "config" in found and name in SETTINGS and name != "epochs"):
        raise FieldError("--config", f"{path} has fields beside config, got {', '.join(beside)}: move them into config")
    if isinstance(about := found.get("about"), dict):  # and a file of `regscope runs export`
        inner = about.get("config")
    return dict(inner) if isinstance(inner, dict) else {"config": inner}
