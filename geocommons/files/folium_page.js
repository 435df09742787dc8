"use strict";
function gcPopup(labels, values) {
  const box = document.createElement("div"), list = document.createElement("dl"), head = document.createElement("h3");
  box.className = "gc-popup"; head.textContent = values[0] === null ? "" : values[0]; box.append(head, list);
  labels.forEach(function (label, at) {
    const value = values[at + 2];
    if (value === null || value === "") return;
    const term = document.createElement("dt"), text = document.createElement("dd");
    term.textContent = label; text.textContent = value; list.append(term, text);
  });
  return box;
}
function gcScale(zoom) {
  return Math.min(1, Math.max(0.2, (zoom - 11) / 5));
}
// From afar outlines are thin and whole: a city of dashes would hide its own colours.
function gcLook(look, zoom) {
  const scale = gcScale(zoom);
  if (!look.fill || scale === 1) return look;
  const dashArray = scale < 0.8 ? null : look.dashArray;
  return {...look, dashArray, weight: look.weight * scale, radius: look.radius * Math.max(scale, 0.5)};
}
function gcAdd(map, group, {look, labels, clickable, features}) {
  const drawn = L.geoJSON(features, {
    style: gcLook(look, map.getZoom() || 12), interactive: clickable,
    pointToLayer: function (feature, at) { return L.circleMarker(at, gcLook(look, map.getZoom() || 12)); },
    onEachFeature: function (feature, layer) {
      const values = feature.properties.v;
      if (clickable) layer.bindPopup(function () { return gcPopup(labels, values); }, {maxWidth: 320});
      if (values[1] !== null) {
        const tag = document.createElement("span");
        tag.textContent = values[1];
        layer.bindTooltip(tag, {permanent: true, direction: "center", className: "gc-tag"});
      }
    }
  }).addTo(group);
  map.on("zoomend", function () { drawn.setStyle(gcLook(look, map.getZoom())); });
}
function gcAttribute(map, texts) {
  map.attributionControl.setPrefix("Leaflet");
  texts.forEach(function (text) { map.attributionControl.addAttribution(text); });
}
addEventListener("DOMContentLoaded", function () {
  if (innerWidth < 720) document.querySelector(".gc-legend").open = false;
});
