namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>A kind of request or connection, as shown.</summary>
/// <param name="Name">Its word in style and markup.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Count">How many of it there are.</param>
internal readonly record struct Kind(string Name, string Title, long Count);
