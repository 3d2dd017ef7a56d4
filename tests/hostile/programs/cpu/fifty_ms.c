// @ends cpu  @limits cpu=0.05 wall=2  @cpu 50
int main(void) { for (;;); }
