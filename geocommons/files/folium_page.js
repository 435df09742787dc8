"use strict";
function gcPopup(labels, values) {
  const box = document.createElement("div"), list = document.createElement("dl"), head = document.createElement("h3");
  box.className = "gc-popup"; head.textContent = values[0] === null ? "" : values[0]; box.append(head, list);
  labels.forEach(function (label, at) {
    const value = values[at + 1];
    if (value === null || value === "") return;
    const term = document.createElement("dt"), text = document.createElement("dd");
    term.textContent = label; text.textContent = value; list.append(term, text);
  });
  return box;
}
function gcOptions(look, labels, clickable) {
  return {
    style: function () { return look; }, interactive: clickable,
    pointToLayer: function (feature, at) { return L.circleMarker(at, look); },
    onEachFeature: function (feature, layer) {
      if (clickable) layer.bindPopup(function () { return gcPopup(labels, feature.properties.v); }, {maxWidth: 320});
    }
  };
}
function gcAttribute(map, texts) {
  map.attributionControl.setPrefix("Leaflet");
  texts.forEach(function (text) { map.attributionControl.addAttribution(text); });
}
addEventListener("DOMContentLoaded", function () {
  if (innerWidth < 720) document.querySelector(".gc-legend").open = false;
});
