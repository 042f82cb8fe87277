namespace IppPrinter.Ipp;

/// <summary>A text or a name with its own language (RFC 8011 section 5.1.2.2).</summary>
internal readonly record struct IppLocalizedText(string Language, string Text);
