using System.ComponentModel.DataAnnotations;

namespace JsonApi.Printers;

/// <summary>What a printer says of itself.</summary>
/// <param name="State">What it is doing.</param>
/// <param name="TonerPercent">How much toner is left.</param>
public sealed record StatusReport([Required] PrinterState? State, [Range(0, 100)] int? TonerPercent);
