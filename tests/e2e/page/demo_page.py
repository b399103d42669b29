"""What the tests ask of the demo, by its parts."""
import json

PREDICTED = ("document.querySelectorAll('#list [data-item]').length > 0 && document.getElementById('busy').hidden"
             " && document.getElementById('time').textContent !== ''")


def listed(page):
    """The list of predictions: [class, "88 %"] each."""
    return page.run("[...document.querySelectorAll('#list [data-item]')].map((row) =>"
                    " [row.querySelector('.name').textContent, row.querySelector('.value').textContent])")


def shapes(page):
    """How many predictions are drawn over the picture."""
    return page.run("document.querySelectorAll('#shapes .shape').length")


def choose_model(page, model_id):
    page.run(f"(() => {{ const list = document.getElementById('model'); list.value = {json.dumps(model_id)};"
             " list.dispatchEvent(new Event('change')); })()")


def set_slider(page, name, value):
    page.run(f"(() => {{ const slider = document.getElementById({json.dumps(name)}); slider.value = {value};"
             " slider.dispatchEvent(new Event('input')); })()")
