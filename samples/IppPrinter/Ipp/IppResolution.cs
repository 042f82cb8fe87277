namespace IppPrinter.Ipp;

/// <summary>Dots per unit, along and across the feed (RFC 8011 section 5.1.16).</summary>
internal readonly record struct IppResolution(int CrossFeed, int Feed, byte Units)
{
    public const byte PerInch = 3;
}
