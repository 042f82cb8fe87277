namespace IppPrinter.Ipp;

/// <summary>All integers from the lower to the upper one (RFC 8011 section 5.1.14).</summary>
internal readonly record struct IppRange(int Lower, int Upper);
