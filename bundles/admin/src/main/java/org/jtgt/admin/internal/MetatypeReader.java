// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jtgt.admin.Attribute;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.ValueType;

/**
 * Reads a bundle's Metatype documents (Metatype 105.8). The Metatype service is not used for it,
 * because its AttributeDefinition tells neither min nor max, which a refusal has to name.
 */
final class MetatypeReader {
  private record Definition(String title, String description, List<Attribute> attributes) {}

  private final UnaryOperator<String> localize;
  private final Map<String, Definition> definitions = new LinkedHashMap<>();
  private final Map<String, String> designations = new LinkedHashMap<>();
  private final Map<String, Boolean> factories = new HashMap<>();

  private MetatypeReader(UnaryOperator<String> localize) {
    this.localize = localize;
  }

  /**
   * @param document the XML
   * @param bundle symbolic name of the bundle it is from
   * @param localize resolves {@code %key} texts
   * @throws XMLStreamException when it is no Metatype document
   */
  static List<ObjectType> read(InputStream document, String bundle, UnaryOperator<String> localize)
      throws XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    var reader = new MetatypeReader(localize);
    XMLStreamReader xml = factory.createXMLStreamReader(document);
    try {
      while (xml.hasNext()) {
        if (xml.next() == XMLStreamConstants.START_ELEMENT) {
          switch (xml.getLocalName()) {
            case "OCD" -> reader.definition(xml);
            case "Designate" -> reader.designation(xml);
            default -> {}
          }
        }
      }
    } finally {
      xml.close();
    }
    return reader.types(bundle);
  }

  private List<ObjectType> types(String bundle) {
    var types = new ArrayList<ObjectType>();
    designations.forEach((pid, ocd) -> {
      Definition definition = definitions.get(ocd);
      if (definition != null) {
        boolean factory = factories.getOrDefault(pid, false);
        types.add(
            new ObjectType(
                pid,
                Categories.lastSegment(pid),
                Categories.of(pid, factory),
                factory,
                definition.title(),
                definition.description(),
                definition.attributes(),
                bundle));
      }
    });
    return types;
  }

  private void designation(XMLStreamReader xml) throws XMLStreamException {
    String factoryPid = attribute(xml, "factoryPid", "");
    String pid = factoryPid.isEmpty() ? attribute(xml, "pid", "") : factoryPid;
    factories.put(pid, !factoryPid.isEmpty());
    while (xml.next() != XMLStreamConstants.END_ELEMENT
        || !xml.getLocalName().equals("Designate")) {
      if (xml.isStartElement() && xml.getLocalName().equals("Object")) {
        designations.put(pid, attribute(xml, "ocdref", ""));
      }
    }
  }

  private void definition(XMLStreamReader xml) throws XMLStreamException {
    String id = attribute(xml, "id", "");
    String title = localize.apply(attribute(xml, "name", ""));
    String description = localize.apply(attribute(xml, "description", ""));
    var attributes = new ArrayList<Attribute>();
    while (xml.next() != XMLStreamConstants.END_ELEMENT || !xml.getLocalName().equals("OCD")) {
      if (xml.isStartElement() && xml.getLocalName().equals("AD")) {
        attributes.add(attributeDefinition(xml));
      }
    }
    definitions.put(id, new Definition(title, description, attributes));
  }

  private Attribute attributeDefinition(XMLStreamReader xml) throws XMLStreamException {
    String id = attribute(xml, "id", "");
    String title = localize.apply(attribute(xml, "name", id));
    String description = localize.apply(attribute(xml, "description", ""));
    ValueType type = valueType(attribute(xml, "type", "String"));
    boolean list = !attribute(xml, "cardinality", "0").equals("0");
    String defaultText = attribute(xml, "default", "");
    boolean required =
        !attribute(xml, "required", "true").equals("false")
            && xml.getAttributeValue(null, "default") == null;
    Optional<String> min = Optional.ofNullable(xml.getAttributeValue(null, "min"));
    Optional<String> max = Optional.ofNullable(xml.getAttributeValue(null, "max"));
    var options = new ArrayList<String>();
    while (xml.next() != XMLStreamConstants.END_ELEMENT || !xml.getLocalName().equals("AD")) {
      if (xml.isStartElement() && xml.getLocalName().equals("Option")) {
        options.add(attribute(xml, "value", ""));
      }
    }
    return new Attribute(
        id,
        title,
        description,
        type,
        list,
        required,
        Validator.split(defaultText),
        min,
        max,
        options);
  }

  private static ValueType valueType(String word) {
    return switch (word) {
      case "Char" -> ValueType.CHARACTER;
      default -> ValueType.valueOf(word.toUpperCase(Locale.ROOT));
    };
  }

  private static String attribute(XMLStreamReader xml, String name, String otherwise) {
    String value = xml.getAttributeValue(null, name);
    return value == null ? otherwise : value;
  }
}
